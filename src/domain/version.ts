/** Of this action; the release script and package.json say the same. */
export const VERSION = "0.1.0";
