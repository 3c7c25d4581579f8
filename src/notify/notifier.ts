/**
 * What events cause outside: mails, the commands of the file, and monitor files. Mails and commands come from the director
 * alone that is active for the service that they are about; where several are at once, from one of those that share a store.
 */

import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Settings } from '../config/settings/rows.js';
import { FlappingKnown } from '../events/flapping.js';
import { changeText, fallbackText, flappingText, heldText, minimumText, serviceText } from '../events/texts.js';
import type { Event, Listener } from '../events.js';
import type { AlertPhase, Config, Virtual } from '../model/config.js';
import { endpointName, serverName } from '../model/names.js';
import { isActiveFor, type RoleState } from '../model/role.js';
import {
  type Subject,
  subjectKey,
  subjectOf,
  type VirtualSubject,
  virtualKey,
  virtualSubjectOf,
} from '../model/subject.js';
import { Alerter } from './alerter.js';
import { CommandQueue } from './command-queue.js';
import { deliver } from './deliver.js';
import { FallbackCommands, type FallbackWord } from './fallback-commands.js';
import { type Left, LeftToSpeaker } from './left-to-speaker.js';
import { type News, routeKey, routeOf } from './mail.js';
import { MonitorFiles, type OpenLineFile } from './monitor-files.js';
import { Outbox } from './outbox.js';
import { Reminders } from './reminders.js';
import { Summary } from './summary.js';
import { type FindVirtual, virtualFinder } from './virtuals.js';

export interface NotifierOptions {
  readonly publish: (event: Event) => void;
  readonly openMonitorFile: OpenLineFile;
  /** What the daemon is doing. */
  readonly status: () => AlertPhase;
  /** For which services this director is active. */
  readonly role: () => RoleState;
  /** Whether a real server of it is in use, as was told last. */
  readonly isInUse: (virtual: Virtual) => boolean;
  /** Which other director says for all what is about servers; null where this one says it itself. */
  readonly speaker?: () => string | null;
  /** The keys of servers that it sees down or holds out; null where it does not say, or it makes no difference. */
  readonly outAt?: (director: string) => ReadonlySet<string> | null;
}

/** Milliseconds for a mail to be handed over. */
const deliveryTimeout = 30_000;
const reminderTick = 1_000;
const mailed: ReadonlySet<string> = new Set(['added', 'restored', 'quiescent', 'deleted']);

export class Notifier {
  readonly #options: NotifierOptions;
  #config: Config;
  #settings: Settings;
  #find: FindVirtual;
  readonly #commands: CommandQueue;
  readonly #fallbacks = new FallbackCommands({
    run: (virtual, word) => this.#runFallbackCommand(virtual, word),
    leave: (virtual, word) => this.#leaveFallbackCommand(virtual, word),
  });
  readonly #outbox: Outbox;
  readonly #alerter: Alerter;
  readonly #monitors: MonitorFiles;
  readonly #reminders = new Reminders();
  readonly #summary = new Summary(new Date());
  readonly #flapping = new FlappingKnown();
  readonly #left = new LeftToSpeaker();
  /** Whether another director spoke when that was looked at last. */
  #isSpokenFor = false;
  readonly #tick: NodeJS.Timeout;

  constructor(options: NotifierOptions, config: Config, settings: Settings) {
    const { publish } = options;
    this.#options = options;
    this.#config = config;
    this.#settings = settings;
    this.#find = virtualFinder(config);
    this.#commands = new CommandQueue({ publish });
    this.#outbox = new Outbox({
      publish,
      deliver: (mail, signal) => {
        const { smtpPort, sendmail, commandTimeout } = this.#settings;
        const timeout = mail.smtp === null ? commandTimeout * 1000 : deliveryTimeout;
        return deliver(mail, { smtpPort, sendmail, timeout }, signal);
      },
    });
    this.#alerter = new Alerter(
      {
        send: (mail) => this.#outbox.send(mail),
        onLimit: ({ to: recipients }, news, wait) => {
          publish({
            type: 'mails-held',
            recipients,
            news,
            limit: this.#settings.mailLimit,
            wait: Math.ceil(wait / 1000),
          });
        },
        onMore: (news, count) => {
          publish({ type: 'alert-raised', text: `${count} more ${news}${count === 1 ? '' : 's'} in one mail` });
        },
        host: hostname(),
      },
      limitsOf(settings),
    );
    this.#monitors = new MonitorFiles(options.openMonitorFile);
    this.#monitors.configure(config);
    this.#tick = setInterval(() => {
      this.#followSpeaker();
      this.#remind();
    }, reminderTick).unref();
  }

  configure(config: Config, settings: Settings): void {
    this.#config = config;
    this.#settings = settings;
    this.#find = virtualFinder(config);
    this.#alerter.configure(limitsOf(settings));
    this.#monitors.configure(config);
    this.#fallbacks.keep(config.virtuals);
    this.#reminders.keep((who) => isChecked(this.#find(who), who));
  }

  readonly listener: Listener = (event) => {
    this.#reminders.note(event, performance.now());
    this.#summary.note(event);
    // Of one that flaps there is a mail when that begins and when it is over: what comes in between says no more.
    if (this.#flapping.note(event) !== null) return;
    switch (event.type) {
      case 'checked':
        this.#monitors.record(event);
        break;
      case 'virtual-down':
      case 'virtual-up':
        this.#noteUse(event, event.type === 'virtual-up');
        break;
      case 'role-changed':
        this.#fallbacks.follow(this.#role, this.#services(), this.#options.isInUse);
        break;
      case 'virtual-below-minimum':
      case 'virtual-minimum-restored':
        this.#alert(event, 'change', minimumText(event), this.#options.status());
        break;
      case 'virtual-unserved':
      case 'virtual-served':
        this.#alert(event, 'change', serviceText(event), this.#options.status());
        break;
      case 'fallback-up':
      case 'fallback-down':
        this.#alert(event, 'change', fallbackText(event), this.#options.status());
        break;
      case 'server-flapping':
      case 'server-settled':
        this.#alert(event, 'change', flappingText(event), this.#options.status());
        break;
      case 'server-held':
      case 'server-released':
        this.#alert(event, 'change', heldText(event), this.#options.status());
        break;
      case 'config-changed':
        this.#runCallback(event.file);
        break;
      case 'table-changed':
        if (event.change.object !== 'virtual' && mailed.has(event.change.action)) {
          this.#alert(event.change, 'change', changeText(event.change), event.status, sightOf(event.change));
        }
        break;
      default:
    }
  };

  /** Sends the summary of what happened since the last one, where there is somebody to read it. */
  sendSummary(): void {
    const { emailalert, emailalertfrom, smtp } = this.#config.global;
    const to = this.#settings.summaryTo.length > 0 ? this.#settings.summaryTo : emailalert;
    const mail = this.#summary.take(new Date(), this.#reminders.down, hostname());
    if (to.length > 0) this.#outbox.send({ from: emailalertfrom, to, smtp, ...mail });
  }

  /** Sends what has gathered and lets commands finish, for so many milliseconds at most. */
  async close(patience: number): Promise<void> {
    clearInterval(this.#tick);
    this.#alerter.close();
    await Promise.all([this.#outbox.close(patience), this.#commands.close(patience), this.#monitors.close()]);
  }

  #noteUse(about: VirtualSubject, isInUse: boolean): void {
    const virtual = this.#find(about);
    if (virtual) this.#fallbacks.noteUse(virtual, isInUse, this.#role);
  }

  /** Which other director speaks; null where this one does. */
  get #speaker(): string | null {
    return this.#options.speaker?.() ?? null;
  }

  /** For which services this director says what is to be said. */
  get #role(): RoleState {
    return this.#speaker === null ? this.#options.role() : spokenFor;
  }

  #followSpeaker(): void {
    const speaker = this.#speaker;
    const now = performance.now();
    if ((speaker !== null) !== this.#isSpokenFor) {
      this.#isSpokenFor = speaker !== null;
      this.#fallbacks.follow(this.#role, this.#services(), this.#options.isInUse);
      if (speaker === null) this.#left.takeOver(now);
    }
    if (speaker !== null) this.#left.look(() => this.#options.outAt?.(speaker) ?? null, now);
  }

  /** Of virtuals that are one service the first. */
  #services(): readonly Virtual[] {
    return this.#config.virtuals.filter((virtual) => this.#find(virtualSubjectOf(virtual)) === virtual);
  }

  #runFallbackCommand(virtual: Virtual, word: FallbackWord): void {
    const command = virtual.fallbackcommand;
    if (!command) return;
    const subject = virtualSubjectOf(virtual);
    const args = [word, subject.virtual, subject.protocol];
    this.#commands.run({ subject: virtualKey(subject), command, args, timeout: this.#commandTimeout });
  }

  #leaveFallbackCommand(virtual: Virtual, word: FallbackWord): void {
    this.#leave('fallbackcommand', `${word} ${endpointName(virtual.endpoint)}`, {
      about: `fallbackcommand ${virtualKey(virtualSubjectOf(virtual))}`,
      tell: () => {
        if (this.#options.isInUse(virtual) === (word === 'stop')) this.#fallbacks.insist(virtual, word);
      },
      isSeen: (out) => {
        const isOut = virtual.realServers.every((real) => out.has(subjectKey(subjectOf(virtual, real))));
        return isOut === (word === 'start');
      },
    });
  }

  #runCallback(file: string): void {
    const command = this.#config.global.callback;
    if (!command) return;
    if (this.#options.role().word === 'passive') this.#leave('callback', file);
    else this.#commands.run({ subject: 'callback', command, args: [file], timeout: this.#commandTimeout });
  }

  get #commandTimeout(): number {
    return this.#settings.commandTimeout * 1000;
  }

  #remind(): void {
    const due = this.#reminders.due(performance.now(), {
      // While another director is active for it, it is that one's to say.
      every: (who) => {
        const virtual = this.#find(who);
        return virtual && this.#isActiveFor(virtual) ? virtual.emailalertfreq * 1000 : 0;
      },
      together: (who) => {
        const virtual = this.#find(who);
        return virtual === undefined ? '' : routeKey(routeOf(virtual));
      },
    });
    for (const who of due) {
      const role = who.role === undefined ? 'real server' : 'fallback server';
      const text = `Inaccessible ${role}: ${who.server} (${who.virtual})`;
      this.#alert(who, 'reminder', text, this.#options.status());
    }
  }

  #alert(about: VirtualSubject, news: News, text: string, status: AlertPhase, sight: Sight = { about: text }): void {
    const virtual = this.#find(about);
    if (!virtual || virtual.emailalert.length === 0 || !virtual.emailalertstatus.includes(status)) return;
    const tell = (): void => {
      const { servicename, comment } = virtual;
      const alert = { text, status, servicename, comment, inFile: about.inFile };
      if (this.#alerter.raise(routeOf(virtual), news, alert)) this.#options.publish({ type: 'alert-raised', text });
    };
    if (this.#isActiveFor(virtual)) tell();
    else this.#leave('emailalert', text, { ...sight, tell });
  }

  #isActiveFor(virtual: Virtual): boolean {
    return isActiveFor(this.#role, virtual);
  }

  /** To whoever is active, or to one that speaks for all; what may come back from that one is kept for a while. */
  #leave(what: LeftWhat, text: string, left: (Left & Sight) | null = null): void {
    const speaker = this.#speaker;
    this.#options.publish({ type: 'left-to-active', what, text, ...(speaker !== null && { to: speaker }) });
    if (speaker !== null && left !== null) this.#left.leave(left.about, left, performance.now());
  }
}

type Sight = Pick<Left, 'isSeen'> & { readonly about: string };
type LeftWhat = Extract<Event, { type: 'left-to-active' }>['what'];
type Change = Extract<Event, { type: 'table-changed' }>['change'];

/** How a change of the table shows in what another director sees; of fallbacks nothing does. */
function sightOf(change: Extract<Change, Subject>): Sight {
  const key = subjectKey(change);
  const isOut = change.action === 'deleted' || change.action === 'quiescent';
  return { about: key, ...(change.role === undefined && { isSeen: (out) => out.has(key) === isOut }) };
}

/** As a director is for which another one speaks. */
const spokenFor: RoleState = { word: 'passive', held: null, fault: null };

/** Whether a virtual still has the server and asks it: one that is taken for well is not told to be back. */
function isChecked(virtual: Virtual | undefined, { server, role }: Subject): boolean {
  if (role !== undefined) {
    return virtual?.fallbackcheck === true && virtual.fallbacks.some((one) => serverName(one) === server);
  }
  if (virtual === undefined || virtual.checktype === 'on' || virtual.checktype === 'off') return false;
  return virtual.realServers.some((real) => serverName(real) === server);
}

function limitsOf({ mailDelay, mailLimit }: Settings) {
  return { delay: mailDelay * 1000, hourly: mailLimit };
}
