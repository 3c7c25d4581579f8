/** Where the program's files are: those that are read beside those that run. */

/** The folder of this file, and of every file of the bundle, whichever of them has this line. */
export const root = new URL('.', import.meta.url);
