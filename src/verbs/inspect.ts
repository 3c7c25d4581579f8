/** The verbs that read a configuration file and touch nothing. */

import { formatDiagnostics } from '../config/diagnostics/diagnostics.js';
import { findConfiguration } from '../config/find.js';
import { type Loaded, load } from '../config/load.js';
import { loadSettings } from '../config/settings/settings.js';
import { showConfig } from '../config/show.js';
import { unannounced } from '../directors/announce/advice.js';
import { storeFileWarnings } from '../directors/store/file-warnings.js';
import { capabilitiesOf } from '../ipvs/capabilities.js';
import { readConfiguration } from '../reload/read.js';
import { settingsAdvice } from '../reload/settings-advice.js';
import { type Command, done, unusable } from './command.js';
import { endWithReader, surfaceOf } from './surface.js';

export async function check(command: Command): Promise<number> {
  const { file } = await findConfiguration(command.config);
  const settings = await loadSettings(file);
  const capabilities = capabilitiesOf(command.backend ?? settings.settings.backend);
  const loaded = await readConfiguration(file, { strict: command.strict, capabilities });
  const { config } = loaded;
  const more = config === null ? [] : unannounced(settings.settings, config);
  const ofFile = [...loaded.diagnostics, ...more];
  const advice = config === null ? [] : settingsAdvice(settings.settings, config);
  const ofSettings = [...settings.diagnostics, ...(await storeFileWarnings(settings)), ...advice];
  // Of a right file nothing: Node takes a while to open its standard output.
  if (ofFile.length + ofSettings.length > 0) {
    endWithReader(process.stdout);
    process.stdout.write(
      describeDiagnostics(file, { ...loaded, diagnostics: ofFile }, process.stdout) +
        describeDiagnostics(settings.file, { ...settings, diagnostics: ofSettings }, process.stdout),
    );
  }
  return config === null ? unusable : done;
}

/** Shows also what this version cannot check yet. */
export async function show(command: Command): Promise<number> {
  endWithReader(process.stdout);
  const { file } = await findConfiguration(command.config);
  const loaded = await load(file, command);
  process.stderr.write(describeDiagnostics(file, loaded, process.stderr));
  if (loaded.config === null) return unusable;
  process.stdout.write(`${JSON.stringify(showConfig(loaded.config), null, 2)}\n`);
  return done;
}

/** Everything that there is to say about the file, for this stream; empty where there is nothing. */
export function describeDiagnostics(
  file: string,
  { text, diagnostics }: Pick<Loaded, 'text' | 'diagnostics'>,
  stream: NodeJS.WriteStream,
): string {
  if (diagnostics.length === 0) return '';
  return formatDiagnostics(diagnostics, { file, text, colour: surfaceOf(stream).colour });
}
