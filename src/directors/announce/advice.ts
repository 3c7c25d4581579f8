/** What is odd about announcements: sections that are about nobody, and services that nobody announces. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import { type AnnounceSection, everyAddress } from '../../config/settings/announce-rows.js';
import type { SettingFault, Settings } from '../../config/settings/rows.js';
import type { Config, Span, Virtual } from '../../model/config.js';
import { addressedBy, vipOf } from '../../model/endpoint.js';
import { spanIn } from '../../model/section-span.js';
import { isAbout, ruleFor } from './rules.js';

/** Warnings with places in the settings file. */
export function announceAdvice({ announce }: Pick<Settings, 'announce'>, config: Config): Diagnostic[] {
  if (announce.length === 0) return [];
  const vips = config.virtuals.flatMap((virtual) => calledOf(virtual) ?? []);
  return announce.flatMap((section, index) => {
    const { name, places, by } = section;
    const before = announce.slice(0, index).find((other) => areAlike(other, section, vips));
    if (before !== undefined) return warning('idle-announcement', `[announce ${before.name}] above counts`, places);
    if (name !== everyAddress && !vips.some((vip) => isAbout(name, vip))) {
      return warning('idle-announcement', `no virtual service has the address '${name}' in this configuration`, places);
    }
    const lasting = vips.find(
      (vip) => ruleFor(announce, vip) === section && by?.how === 'address' && vip.device === by.device,
    );
    if (lasting === undefined) return [];
    const message = `\`vip\` keeps ${lasting.address} on ${lasting.device} whether it is announced or not`;
    return warning('lasting-announcement', message, places);
  });
}

/** Warnings with places in the configuration. */
export function unannounced({ announce }: Pick<Settings, 'announce'>, config: Config): Diagnostic[] {
  return config.virtuals.flatMap((virtual): Diagnostic[] => {
    if (virtual.belowminimum !== 'withdraw' || virtual.minhealthy === null) return [];
    const vip = calledOf(virtual);
    if (vip !== null && ruleFor(announce, vip) !== null) return [];
    const message = 'belowminimum=withdraw is as keep here: no [announce] of ldirectord.ini is about its address';
    return [{ severity: 'warning', code: 'useless-withdraw', message, span: spanIn(config, virtual) }];
  });
}

interface Called {
  readonly address: string;
  readonly called: ReadonlySet<string>;
  readonly device: string | null;
}

/** Null where the address is not known, or there is none. A name counts though nobody has resolved it. */
function calledOf({ endpoint, vip }: Virtual): Called | null {
  const name = addressedBy(endpoint)?.name.toLowerCase();
  if (name === undefined) return null;
  return { address: vipOf(endpoint) ?? name, called: new Set([name]), device: vip?.device ?? null };
}

function areAlike(one: AnnounceSection, other: AnnounceSection, vips: readonly Called[]): boolean {
  return one.name === other.name || vips.some((vip) => isAbout(one.name, vip) && isAbout(other.name, vip));
}

function warning(code: SettingFault, message: string, { by }: AnnounceSection['places']): Diagnostic[] {
  const span: Span = by ?? { line: 1, column: 1, length: 0 };
  return [{ severity: 'warning', code, message, span }];
}
