import { DEFAULT_HUB } from '../../protocol/models';
import type { ReproModel } from '../../repro/repro';

/**
 * What the command line takes to make a run again. All that strangers have written stands in quotes or has been checked
 * to have no character that a shell knows.
 * @param link null for a run that only a file can carry
 */
export function commandOf(link: string | null, model: ReproModel): string {
  // A link in quotes, for every shell; an address may hold one of them itself.
  const what = link === null ? 'FILE' : quoted(link);
  return `npm run --silent lab -- repro ${what} ${modelOptions(model).join(' ')}`;
}

function modelOptions({ id, hub, commit, packing }: ReproModel): string[] {
  const ofHub = hub !== undefined && commit !== undefined;
  return [
    `--model ${ofHub ? `hub:${id}@${commit}` : 'DIR'}`,
    ...(ofHub && hub !== DEFAULT_HUB ? [`--hub ${quoted(hub)}`] : []),
    ...(packing === undefined ? [] : [`--packing ${packing}`]),
  ];
}

function quoted(address: string): string {
  return `'${address.replaceAll("'", '%27')}'`;
}
