/** What is to be said of the settings and the configuration beside each other. */

import type { Diagnostic } from '../config/diagnostics/diagnostics.js';
import type { Settings } from '../config/settings/rows.js';
import { announceAdvice } from '../directors/announce/advice.js';
import type { Config } from '../model/config.js';
import { idleWindows } from '../overrides/idle-windows.js';

/** Warnings with places in the settings file. */
export function settingsAdvice(settings: Settings, config: Config): Diagnostic[] {
  return [...idleWindows(settings, config), ...announceAdvice(settings, config)];
}
