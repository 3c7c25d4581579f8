/** What mails say. */

import type { AlertPhase, Virtual } from '../model/config.js';
import type { FileNames } from '../model/subject.js';

export interface Mail {
  /** Null is the user's own address on this machine. */
  readonly from: string | null;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The mail server; null is the local sendmail. */
  readonly smtp: string | null;
}

export interface Alert {
  readonly text: string;
  readonly status: AlertPhase;
  readonly servicename: string | null;
  readonly comment: string | null;
  /** What the file calls whom the text is about. */
  readonly inFile?: FileNames | undefined;
}

/** Whether something has changed, or is as it was told before. */
export type News = 'change' | 'reminder';

/** Where an alert goes. Alerts with one route can become one mail. */
export type Route = Pick<Mail, 'from' | 'to' | 'smtp'>;

export function routeOf({ emailalertfrom, emailalert, smtp }: Virtual): Route {
  return { from: emailalertfrom, to: emailalert, smtp };
}

export function routeKey({ smtp, from, to }: Route): string {
  return JSON.stringify([smtp, from, to]);
}

/** One alert as the reference words it; several as a list of such parts. `unlisted` is how many more there were. */
export function compose(
  news: News,
  alerts: readonly Alert[],
  unlisted: number,
  host: string,
): Pick<Mail, 'subject' | 'text'> {
  const [first] = alerts;
  const count = alerts.length + unlisted;
  const subject = first === undefined ? '' : titleOf(first);
  const parts = alerts.map(partOf).join('\n');
  const more = unlisted === 0 ? '' : `\nand ${unlisted} more\n`;
  return {
    subject: count < 2 ? subject : `${count} ${news}s: ${subject} and ${count - 1} more`,
    text: `ldirectord host: ${host}\n${count < 2 ? '' : `${titles[news]}: ${count}\n\n`}${parts}${more}`,
  };
}

const titles: Readonly<Record<News, string>> = { change: 'Changes', reminder: 'Reminders' };

function titleOf({ servicename, text }: Alert): string {
  return servicename === null ? text : `[${servicename}] ${text}`;
}

function partOf(alert: Alert): string {
  const { servicename, comment, status, inFile } = alert;
  const name = servicename === null ? '' : `Service name: ${servicename}\n`;
  const remark = comment === null ? '' : `Comment: ${comment}\n`;
  // The text itself is in the words of the log, by which mails are filtered.
  const server = inFile?.server === undefined ? '' : `Server name: ${inFile.server}\n`;
  const virtual = inFile?.virtual === undefined ? '' : `Virtual name: ${inFile.virtual}\n`;
  const about = name + server + virtual + remark;
  return `Log-Message: ${titleOf(alert)}\nDaemon-Status: ${status}\n${about === '' ? '' : `\n${about}`}`;
}
