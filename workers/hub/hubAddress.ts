import { Failure } from '../../src/core/errors';
import type { ModelReference } from '../../src/protocol/models';

export type HubReference = Extract<ModelReference, { kind: 'hub' }>;

const PART = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?';
/** Old ones have no owner. */
const ID = new RegExp(`^(?:${PART}/)?${PART}$`);
/** Branches and tags, with their slashes, and commits. */
const REVISION = /^[A-Za-z0-9][\w./-]{0,199}$/;
const COMMIT = /^[0-9a-f]{40}$/;
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * A repository as it may be asked for: nothing in it leads elsewhere than to that repository.
 * @throws Failure hub-invalid, hub-not-found
 */
export function checkHubReference(reference: HubReference): HubReference {
  const { id, revision } = reference;
  const hub = checkHubAddress(reference.hub);
  if (!ID.test(id) || id.includes('..') || id.includes('--')) {
    throw new Failure('hub-not-found', `${shown(id)} is not the name of a repository.`);
  }
  if (!REVISION.test(revision) || revision.includes('..')) {
    throw new Failure('hub-not-found', `${shown(revision)} is not the name of a revision.`);
  }
  return { kind: 'hub', hub, id, revision };
}

/** @returns the address without a '/' at its end */
export function checkHubAddress(hub: string): string {
  const url = URL.canParse(hub) ? new URL(hub) : undefined;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOCAL.has(url.hostname));
  if (!url || !safe || url.username || url.password || url.search || url.hash) {
    throw new Failure('hub-invalid', `${shown(hub)} is not the address of a hub: https is needed.`);
  }
  return url.href.replace(/\/+$/, '');
}

export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/** Where the hub lists a revision's files. */
export function listingUrl({ hub, id, revision }: HubReference): string {
  return `${hub}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
}

/** Where the hub has a file of a commit. */
export function fileUrl({ hub, id }: HubReference, commit: string, file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${hub}/${id}/resolve/${commit}/${path}`;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
