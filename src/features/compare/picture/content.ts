/** A token as it is drawn. */
export interface DrawnToken {
  /** With all that would not show made visible. */
  readonly text: string;
  /** Of a special token or half a character: its name, which is not part of the text. */
  readonly isLabel: boolean;
  readonly isNan: boolean;
  /** Does its lane stand apart from the first here? */
  readonly apart: boolean;
  /** Does its lane part here, after the first to part? */
  readonly partsHere: boolean;
}

/** What the picture of a run says. Every text has been made visible, so that SVG can hold it. */
export interface PictureContent {
  readonly headline: string;
  readonly lines: readonly { readonly lane: number | null; readonly text: string }[];
  /** What it was made from. */
  readonly facts: readonly string[];
  readonly prompt: readonly DrawnToken[];
  readonly lanes: readonly { readonly name: string; readonly count: string }[];
  /** steps[step][lane]; undefined where a lane has no token. */
  readonly steps: readonly (readonly (DrawnToken | undefined)[])[];
  /** The step at which the first lane parts. */
  readonly firstParting: number | null;
  /** Did all lanes read the first one's text? */
  readonly forced: boolean;
  /** The address that runs it again; null if there is none. */
  readonly link: string | null;
}
