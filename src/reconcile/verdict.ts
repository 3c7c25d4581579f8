/** What an answer of the backend means for what is known of the table. */

import type { Failure, Operation } from '../ipvs/backend.js';

/**
 * `done`: the table is as the operation wants it. `refused`: it is as it was. `surprised`: it was not as it was known,
 * so that a look is due. `unanswered`: only a look tells whether the operation was carried out.
 */
export type Verdict = 'done' | 'refused' | 'surprised' | 'unanswered';

export function verdictOf({ type }: Operation, failure: Failure | null): Verdict {
  if (failure === null) return 'done';
  if (failure.unanswered) return 'unanswered';
  const { code } = failure;
  if (type.startsWith('delete-')) return code === 'ENOENT' || code === 'ESRCH' ? 'done' : 'refused';
  // Somebody else added or removed it meanwhile. Of a service ENOENT is about its scheduler.
  if (code === 'EEXIST' || code === 'ESRCH' || (code === 'ENOENT' && type === 'edit-destination')) return 'surprised';
  return 'refused';
}
