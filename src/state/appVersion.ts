import { version } from '../../package.json';

/** Of this project, as package.json has it. */
export const APP_VERSION: string = version;
