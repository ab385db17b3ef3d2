import * as v from 'valibot';
import { Failure } from '../../src/core/errors';
import { Sha256 } from '../store/manifest';

const MOST_FILES = 10_000;
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const Sha1 = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));

const ListingSchema = v.object({
  sha: Sha1,
  siblings: v.pipe(
    v.array(
      v.object({
        rfilename: v.pipe(v.string(), v.maxLength(300)),
        size: v.nullish(bytes),
        blobId: v.nullish(Sha1),
        lfs: v.nullish(v.object({ sha256: Sha256, size: bytes })),
      }),
    ),
    v.maxLength(MOST_FILES),
  ),
});

/** A file as the hub knows it: by its SHA-256 where it is stored by LFS, by its git blob id else. */
export interface HubFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly blobId: string | null;
}

export interface HubListing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

/** @throws Failure hub-invalid */
export function parseListing(text: string): HubListing {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('hub-invalid', 'The hub’s answer is not JSON.', { cause });
  }
  const parsed = v.safeParse(ListingSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = (v.getDotPath(issue) ?? 'it').slice(0, 100);
    throw new Failure('hub-invalid', `The hub’s answer is not as expected: ${where}.`);
  }
  const files = new Map<string, HubFile>();
  for (const { rfilename: name, size, blobId, lfs } of parsed.output.siblings) {
    const length = lfs?.size ?? size;
    if (length === undefined || length === null) continue;
    files.set(name, { name, size: length, sha256: lfs?.sha256 ?? null, blobId: blobId ?? null });
  }
  return { commit: parsed.output.sha, files };
}
