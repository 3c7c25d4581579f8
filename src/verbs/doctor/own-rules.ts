/** Whether the rules that the file asks for stand in our table of the packet filter. */

import type { Config } from '../../model/config.js';
import type { OwnRules } from '../../path/doctor/director-facts.js';
import type { Unexamined } from '../../path/doctor/examination.js';
import { systemNft } from '../../path/packets/nft.js';
import { isNone, noRules, packetRules, type SnatSubject } from '../../path/packets/rules.js';
import { tableName } from '../../path/packets/table-name.js';

/** Null where the file asks for none: then nothing is asked of the kernel. */
export async function ownRulesOf(config: Config, instance: string): Promise<OwnRules | Unexamined | null> {
  const wanted = packetRules(config);
  if (isNone(wanted)) return null;
  const table = tableName(instance);
  const answer = await systemNft().read(table);
  if (!answer.ok) {
    const { code, message } = answer.fault;
    if (code === 'not-permitted')
      return { object: 'our rules in the packet filter', reason: 'only root may read them' };
    return { table, fault: message };
  }
  const standing = answer.value?.rules ?? noRules;
  const marks = [...wanted.marks].filter(([key]) => !standing.marks.has(key));
  const snats = [...wanted.snats].filter(([key]) => !standing.snats.has(key));
  return {
    table,
    missing: [
      ...marks.map(([, { mark, address, transport }]) => `mark ${mark} for ${transport} ${address}`),
      ...snats.map(([, { of }]) => `snat for ${subjectText(of)}`),
    ],
  };
}

function subjectText(of: SnatSubject): string {
  return 'mark' in of ? `mark ${of.mark}` : `${of.transport} ${of.address}:${of.port}`;
}
