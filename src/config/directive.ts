/** What a directive is, and what the lines of a section set. */

import type { WrittenFallback } from './fallback.js';
import type { Field } from './lines.js';
import type {
  AlertPhase,
  DnsType,
  Header,
  HttpMethod,
  HttpSettings,
  NamedFile,
  Pattern,
  Protocol,
  RealServer,
  StatusRange,
} from './model.js';
import { accept, type Context, type Outcome, type Reader } from './reading.js';
import type { ServiceName, TlsMode } from './services.js';
import type { CheckKind } from './values.js';
import type { WrittenVirtual } from './virtual-address.js';

/** What the lines of a section set, before defaults and globals fill in the rest. */
export interface Settings {
  virtual: WrittenVirtual;
  virtual6: WrittenVirtual;
  real: RealServer[];
  real6: RealServer[];
  fallback: WrittenFallback;
  fallback6: WrittenFallback;
  autoreload: boolean;
  callback: string;
  checkcommand: string;
  checkcount: number;
  checkinterval: number;
  checkmark: number;
  checkport: number;
  checksource: string;
  checktimeout: number;
  checktype: CheckKind;
  cleanstop: boolean;
  comment: string | null;
  bodylimit: number;
  database: string;
  dnstype: DnsType;
  emailalert: readonly string[];
  emailalertfreq: number;
  emailalertfrom: string;
  emailalertstatus: readonly AlertPhase[];
  execute: string[];
  expectstatus: readonly StatusRange[];
  failurecount: number;
  fallbackcommand: string;
  followredirects: boolean;
  fork: boolean;
  httpauth: HttpSettings['httpauth'];
  httpmethod: HttpMethod;
  httpversion: HttpSettings['httpversion'];
  keepalive: boolean;
  load: string;
  logfile: string;
  login: string;
  maintenancedir: string;
  monitorfile: string;
  negotiatetimeout: number;
  netmask: number | string | null;
  ops: boolean;
  passwd: string;
  persistent: number;
  protocol: Protocol;
  quiescent: boolean;
  readdquiescent: boolean;
  receive: Pattern;
  receivehex: string;
  receivein: HttpSettings['receivein'];
  request: string;
  requestheader: Header[];
  requesthex: string;
  scheduler: string;
  schedflags: readonly string[];
  secret: string;
  service: ServiceName;
  servicename: string | null;
  smtp: string;
  supervised: boolean;
  tls: TlsMode;
  tlscafile: NamedFile;
  tlscertfile: NamedFile;
  tlskeyfile: NamedFile;
  tlsmindays: number;
  tlsservername: string;
  tlsverify: boolean;
  virtualhost: string | null;
}

export type Draft = Partial<Settings>;
export type Keyword = keyof Settings;
export type Scope = 'global' | 'virtual' | 'both';

/** Writes a value that was read into the section that it belongs to. */
export type Assignment = (draft: Draft) => void;

export interface Directive {
  readonly keyword: Keyword;
  readonly scope: Scope;
  /** The default, in words. */
  readonly fallback: string;
  readonly summary: string;
  /** Whether the reference does not know it. */
  readonly extension: boolean;
  /** Whether the value must stand in double quotes. */
  readonly quoted: boolean;
  /** Whether the value is a word of the grammar, which can be told in any case. */
  readonly word: boolean;
  readonly read: (field: Field, context: Context) => Outcome<Assignment>;
}

interface Traits<T> extends Partial<Pick<Directive, 'extension' | 'quoted' | 'word'>> {
  /** Adds a value to that of earlier lines, which it replaces otherwise. */
  readonly join?: (earlier: T, value: T) => T;
  /** Where the global section reads another way. */
  readonly globally?: Reader<T>;
}

export function row<K extends Keyword>(
  keyword: K,
  scope: Scope,
  fallback: string,
  summary: string,
  reader: Reader<Settings[K]>,
  traits: Traits<Settings[K]> = {},
): Directive {
  const { extension = false, quoted = false, word = false, join, globally = reader } = traits;
  return {
    keyword,
    scope,
    fallback,
    summary,
    extension,
    quoted,
    word,
    read(field, context) {
      const outcome = (context.section === null ? globally : reader)(field, context);
      if (!outcome.ok) return outcome;
      return accept((draft) => {
        const earlier = draft[keyword];
        draft[keyword] = join === undefined || earlier === undefined ? outcome.value : join(earlier, outcome.value);
      });
    },
  };
}

/** The value is a word of the grammar. */
export const word = { word: true } as const;
/** The value stands in double quotes. */
export const quoted = { quoted: true } as const;

/** Joins the values of lines that can be repeated. */
export function append<T>(earlier: T[], values: T[]): T[] {
  for (const value of values) earlier.push(value);
  return earlier;
}
