/** Where orders are kept from one run to the next. */

import { type FileHandle, open, rename } from 'node:fs/promises';
import { readBounded } from '../config/bounded-file.js';
import { type Order, readOrders, writeOrders } from './orders.js';

/** Bytes. */
const largestFile = 4 * 1024 * 1024;

export interface OrderFile {
  /** None where there is no file. Rejects where it cannot be understood. */
  read(): Promise<readonly Order[]>;
  /** Puts these into the place of what it held, whole or not at all. One call at a time. */
  write(orders: readonly Order[]): Promise<void>;
}

export function orderFile(path: string): OrderFile {
  return {
    read: async () => {
      try {
        return readOrders((await readBounded(path, largestFile)).toString('utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
    },
    write: async (orders) => {
      const fresh = `${path}.new`;
      const file = await open(fresh, 'w', 0o600);
      await written(file, writeOrders(orders));
      await rename(fresh, path);
    },
  };
}

/** For those that have nowhere to keep orders. */
export const noOrderFile: OrderFile = { read: async () => [], write: async () => {} };

async function written(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    // Otherwise a machine that loses power can come back with the new name on an empty file.
    await file.sync();
  } finally {
    await file.close();
  }
}
