/** Where orders are kept from one run to the next. */

import { rename } from 'node:fs/promises';
import { readBounded } from '../config/bounded-file.js';
import { replaceFile } from '../config/replace-file.js';
import { type Order, type ReadOrders, readOrders, writeOrders } from './orders.js';

/** Bytes. */
const largestFile = 4 * 1024 * 1024;

export interface OrderFile {
  /** None where there is no file. What is not understood is put aside. Rejects where the file cannot be read. */
  read(): Promise<ReadOrders>;
  /** Puts these into the place of what it held, whole or not at all. One call at a time. */
  write(orders: readonly Order[]): Promise<void>;
}

export function orderFile(path: string): OrderFile {
  const write = (orders: readonly Order[]): Promise<void> => replaceFile(path, writeOrders(orders), 0o600);
  /** The next order would write over what was not understood. */
  const putAside = async (understood: readonly Order[]): Promise<string> => {
    try {
      await rename(path, `${path}.bad`);
      if (understood.length > 0) await write(understood);
      return `it is kept as ${path}.bad`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    read: async () => {
      try {
        const { orders, fault } = readOrders((await readBounded(path, largestFile)).toString('utf8'));
        return { orders, fault: fault === null ? null : `${path}: ${fault}; ${await putAside(orders)}` };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { orders: [], fault: null };
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
    },
    write,
  };
}

/** For those that have nowhere to keep orders. */
export const noOrderFile: OrderFile = { read: async () => ({ orders: [], fault: null }), write: async () => {} };
