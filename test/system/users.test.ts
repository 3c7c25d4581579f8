import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readUserNames } from '../../src/system/users.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('users are called as the file says, the first name of a number, and by the number where it says nothing', async (t) => {
  const file = join(await temporaryDirectory(t), 'passwd');
  await writeFile(
    file,
    'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/bash\n+::::::\nbroken\nbob:x:-1:0:::\n',
  );
  const nameOf = await readUserNames(file);
  assert.deepEqual([0, 1000, 1001].map(nameOf), ['root', 'alice', 'uid 1001']);
  assert.equal((await readUserNames('/nowhere/passwd'))(0), 'uid 0');
  assert.equal((await readUserNames('/dev/zero'))(0), 'uid 0', 'no file');
});
