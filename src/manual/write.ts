/** A step of the build: `node write.js SOURCES TARGET` writes the finished pages, which packages and `help` take from there. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualPages } from './fill.js';
import { tables } from './tables.js';

const [sources = '', target = ''] = process.argv.slice(2);
await mkdir(target, { recursive: true });
for (const [name, text] of await manualPages(sources, tables)) await writeFile(join(target, name), text);
