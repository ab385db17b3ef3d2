import { DEFAULT_REVISION } from '../../protocol/models';
import { isHubAddress, isRepositoryId } from '../../repro/hub';
import type { HubReference } from '../../state/modelChoice';

/** After the repository's name in an address, before a revision. */
const PLACES = ['tree', 'blob', 'resolve', 'raw', 'commit'];

/**
 * What a visitor types or pastes: owner/name, or the address of a repository's page or of a file in it, which then says
 * which hub and which revision.
 * @returns null if it is neither
 */
export function readRepository(
  text: string,
  typed: Pick<HubReference, 'hub' | 'revision'>,
): HubReference | null {
  const trimmed = text.trim();
  const revision = typed.revision.trim() || DEFAULT_REVISION;
  if (isRepositoryId(trimmed)) {
    return { kind: 'hub', hub: typed.hub, id: trimmed, revision };
  }
  return fromAddress(trimmed, revision);
}

function fromAddress(text: string, otherwise: string): HubReference | null {
  const address = /^https?:\/\//.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return null;
  const { origin, pathname } = new URL(address);
  const parts = pathname.split('/').filter((part) => part !== '');
  const at = parts.findIndex((part, i) => i >= 2 && PLACES.includes(part));
  const end = at < 0 ? parts.length : at;
  const id = parts.slice(end - 2, end).join('/');
  const hub = [origin, ...parts.slice(0, Math.max(0, end - 2))].join('/');
  const revision = at < 0 ? otherwise : decoded(parts[at + 1] ?? otherwise);
  // A name alone has no dot in front of its first slash, where an address has its host.
  if (revision === null || (!origin.includes('.') && !origin.includes('localhost'))) return null;
  return isRepositoryId(id) && isHubAddress(hub) ? { kind: 'hub', hub, id, revision } : null;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
