import { base64Decode, base64Encode } from '@bufbuild/protobuf/wire';
import { sha256 } from '@noble/hashes/sha2.js';
import { Failure } from '../core/errors';
import { deflate, inflate } from './compression';
import { shortForm } from './expectation';
import { decodeRepro, encodeRepro } from './message';
import type { Repro } from './repro';
import { checkRepro, LONGEST_PROMPT } from './schema';

/** Of the links that are written. Those of every version up to it are read. */
const VERSION = 1;
/** Characters. The longest prompt that a link takes needs less. */
const LONGEST_LINK = 128 * 1024;
/** As many bytes as that many characters are: compression makes links shorter, not larger. */
const MOST_BYTES = 96 * 1024;

/** One byte that says how the rest is packed, three of its SHA-256, then the rest: what `repro.proto` describes. */
const HEADER_BYTES = 4;
const PLAIN = 0;
const DEFLATED = 1;

/**
 * The fragment of a link, without its `#`: `1.` and base64url. Lone surrogates become U+FFFD, hashes and ids take their
 * short forms; the rest comes back as it was.
 * @throws Failure link-too-large, link-invalid for what could not be read again
 */
export function formatLink(repro: Repro): string {
  if (repro.prompt.length > LONGEST_PROMPT) {
    throw new Failure(
      'link-too-large',
      `The prompt has ${repro.prompt.length} characters; a link carries ${LONGEST_PROMPT}.`,
    );
  }
  const plain = encodeRepro(checkRepro(shortForm(repro)));
  const small = deflate(plain);
  const deflated = small.byteLength < plain.byteLength;
  const packing = deflated ? DEFLATED : PLAIN;
  const rest = deflated ? small : plain;
  const bytes = new Uint8Array(HEADER_BYTES + rest.byteLength);
  bytes.set([packing, ...checksum(packing, rest)]);
  bytes.set(rest, HEADER_BYTES);
  return `${VERSION}.${base64Encode(bytes, 'url')}`;
}

/** A link to this page: `base` with the run as its fragment. */
export function linkTo(base: string, repro: Repro): string {
  return `${base.split('#', 1)[0] ?? ''}#${formatLink(repro)}`;
}

/** Is the fragment of this URL a link of ours, be it a damaged one or a newer one? */
export function hasLink(url: string): boolean {
  return LOOKS_LIKE_OURS.test(fragmentOf(url));
}

/**
 * Reads a link: a URL, or its fragment with or without its `#`.
 * @throws Failure link-invalid, link-version, link-too-large
 */
export function parseLink(text: string): Repro {
  if (text.length > LONGEST_LINK) {
    throw new Failure(
      'link-too-large',
      `The link has ${text.length} characters; the longest has ${LONGEST_LINK}.`,
    );
  }
  const [, version, body] = LOOKS_LIKE_OURS.exec(fragmentOf(text)) ?? [];
  if (version === undefined || body === undefined) {
    throw new Failure('link-invalid', 'This is not the link of a run.');
  }
  if (Number(version) > VERSION) {
    throw new Failure(
      'link-version',
      `The link is of version ${version}; this is a reader of version ${VERSION}.`,
    );
  }
  // A link of somebody else's making may hold more than one of ours would.
  return shortForm(decodeRepro(unpack(bytesOf(body))));
}

/** A version, a dot, and the rest. */
const LOOKS_LIKE_OURS = /^([1-9]\d{0,5})\.(.*)$/s;

function fragmentOf(text: string): string {
  const trimmed = text.trim();
  return trimmed.slice(trimmed.indexOf('#') + 1);
}

function bytesOf(body: string): Uint8Array {
  if (!/^[\w-]+$/.test(body) || body.length % 4 === 1) throw damaged();
  return base64Decode(body);
}

function unpack(bytes: Uint8Array): Uint8Array {
  const [packing = -1, ...check] = bytes.subarray(0, HEADER_BYTES);
  const rest = bytes.subarray(HEADER_BYTES);
  if (check.join() !== checksum(packing, rest).join()) throw damaged();
  if (packing === PLAIN) return rest;
  if (packing !== DEFLATED) throw damaged();
  const plain = inflated(rest);
  if (!plain) {
    throw new Failure('link-too-large', `The link unpacks to more than ${MOST_BYTES} bytes.`);
  }
  return plain;
}

function inflated(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflate(bytes, MOST_BYTES);
  } catch (cause) {
    throw new Failure('link-invalid', 'The link is damaged: it cannot be unpacked.', { cause });
  }
}

/** Tells a link that was cut off or altered on its way from a whole one. No protection against intent. */
function checksum(packing: number, rest: Uint8Array): Uint8Array {
  const hash = sha256.create().update(Uint8Array.of(packing)).update(rest).digest();
  return hash.subarray(0, HEADER_BYTES - 1);
}

function damaged(): Failure {
  return new Failure('link-invalid', 'The link is damaged: a part of it is missing or altered.');
}
