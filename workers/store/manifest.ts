import * as v from 'valibot';

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
export const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const Stored = v.object({ sha256: Sha256, size: bytes });

const ManifestSchema = v.object({
  version: v.literal(1),
  hub: text(500),
  id: text(200),
  revision: text(200),
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  /** By their names: what the store keeps them under, and their bytes. */
  files: v.record(text(300), Stored),
  /** What else of its listing could be asked for: the exports that were not chosen. */
  others: v.optional(v.record(text(300), Stored)),
  /** Bytes of all of it, once it is complete. */
  totalBytes: bytes,
  complete: v.boolean(),
  storedAt: bytes,
});

/** What the store has, or is to have, of one commit of a model. */
export type Manifest = v.InferOutput<typeof ManifestSchema>;

export function formatManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/**
 * What is known of a commit once more is: what was complete stays so, and what was kept is still named, so that a load that is
 * given up takes nothing away. The age stays that of the first time that it was complete, and a branch's name is not lost to a
 * later load by commit.
 */
export function joinManifests(before: Manifest, after: Manifest): Manifest {
  const files = { ...before.files, ...after.files };
  return {
    ...after,
    revision: after.revision === after.commit ? before.revision : after.revision,
    files,
    totalBytes: Object.values(files).reduce((sum, { size }) => sum + size, 0),
    complete: before.complete || after.complete,
    storedAt: before.complete ? before.storedAt : after.storedAt,
  };
}

/** @returns undefined for what is none of ours, or was cut off */
export function parseManifest(content: Uint8Array): Manifest | undefined {
  try {
    const parsed = v.safeParse(ManifestSchema, JSON.parse(new TextDecoder().decode(content)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
