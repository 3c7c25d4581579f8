import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnKernel } from '../../src/config/kernel-advice.js';
import { configOf } from '../helpers/configuration.js';

const file = `
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	persistent=60
	quiescent=yes
virtual=192.0.2.1:81
	real=10.0.0.1:81 gate
	persistent=60
	quiescent=no
virtual=192.0.2.1:82
	real=10.0.0.1:82 gate
	quiescent=yes
`;

test('quiescent with persistence is worth a warning while the kernel keeps sending clients', () => {
  const found = adviseOnKernel(configOf(file), '0');
  assert.deepEqual(
    found.map(({ severity, code, span }) => [severity, code, span.line]),
    [['warning', 'quiescent-persistent', 2]],
  );
});

test('nothing is said where the kernel sends them on, or is not there', () => {
  assert.deepEqual(adviseOnKernel(configOf(file), '1'), []);
  assert.deepEqual(adviseOnKernel(configOf(file), null), []);
});
