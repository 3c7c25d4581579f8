/** What this program answers to as ipvsadm, beside its own name: known before anything of that is loaded. */

export const ipvsadmNames = ['ipvs', 'ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'] as const;

export type IpvsadmName = (typeof ipvsadmNames)[number];

export function ipvsadmName(word: string): IpvsadmName | null {
  return ipvsadmNames.find((name) => name === word) ?? null;
}
