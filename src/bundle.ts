/**
 * Makes the program's files out of its modules, into the folder that it is given. Each file costs a command about half a
 * millisecond, so that what is called all the time has all that it needs in one of its own, whatever else has that, too:
 * no module that these share with others keeps a state. The others share theirs in chunks.
 *
 * What is called all the time is CommonJS: for a module of ECMAScript Node loads a tenth of itself more.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const source = resolve('src');
const [, , folder = 'dist'] = process.argv;

/** Each in a file of its own. What they load by `import()` stays apart. */
const whole = ['cli', 'verbs/control', 'verbs/list', 'verbs/inspect'];
/** Threads and processes, which are started by these names. */
const programs = [
  'checks/worker-thread',
  'checks/loader',
  'ipvs/userspace/balancer-thread',
  'probes/wire/searcher',
  'reload/lookup-process',
];

const options = {
  outdir: folder,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** `verbs/list` stands in verbs-list.js: all files are in one folder, whose place `root.ts` knows. */
function fileOf(module: string): string {
  return module.replaceAll('/', '-');
}

function entriesOf(modules: Iterable<string>, name: (module: string) => string): { in: string; out: string }[] {
  return [...modules].map((module) => ({ in: resolve(source, `${module}.ts`), out: name(module) }));
}

/** Of CommonJS, which has no `import.meta`. */
const commonJs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'fileUrl' },
  banner: { js: '"use strict";\nconst fileUrl = require("node:url").pathToFileURL(__filename).href;' },
  supported: { 'dynamic-import': true },
} as const satisfies BuildOptions;

const apart = new Set<string>();

/** Leaves what is loaded by `import()` to a file of its own, and notes that it is wanted. */
const keepApart: Plugin = {
  name: 'keep-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return null;
      const module = relative(source, resolve(resolveDir, path)).replace(/\.js$/, '');
      apart.add(module);
      return { path: `./${fileOf(module)}.${whole.includes(module) ? 'cjs' : 'js'}`, external: true };
    });
  },
};

// One after the other: a module that two of these have is not to become a chunk.
for (const module of whole) {
  await build({ ...options, ...commonJs, entryPoints: entriesOf([module], fileOf), plugins: [keepApart] });
  await requireWhole(join(folder, `${fileOf(module)}.cjs`));
}
const others = [...apart].filter((module) => !whole.includes(module));
await build({
  ...options,
  entryPoints: [...entriesOf(others, fileOf), ...entriesOf(programs, (module) => module.replace(/^.*\//, ''))],
  splitting: true,
});

/** One of CommonJS gets others of its kind without what `import()` takes to get anything. */
async function requireWhole(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/\bimport\(("\.\/[^"]+\.cjs")\)/g, 'Promise.resolve(require($1))'));
}
