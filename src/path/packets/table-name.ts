/** What our table is called, so that instances on one machine each keep to their own. */

const usualInstance = 'ldirectord.cf';
const usualName = 'ldirectord';
/** Characters; nf_tables takes 255. */
const longestName = 120;

/** The instance is the configuration file's name. */
export function tableName(instance: string): string {
  if (instance === usualInstance) return usualName;
  const name = `${usualName}_${instance}`;
  const plain = name.replace(/[^\w.-]/g, '_').slice(0, longestName);
  const { createHash } = process.getBuiltinModule('node:crypto');
  // Two that differ only in what nft(8) takes in no name are two all the same.
  return plain === name ? name : `${plain}_${createHash('sha256').update(instance).digest('hex').slice(0, 8)}`;
}
