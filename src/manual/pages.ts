/** The pages of the manual, and what `ldirectord help` calls them. */

export interface Page {
  /** A word for the command line. */
  readonly topic: string;
  readonly name: string;
  /** Of the manual. */
  readonly section: 5 | 7 | 8;
  readonly summary: string;
}

export const pages: readonly Page[] = [
  {
    topic: 'ldirectord',
    name: 'ldirectord',
    section: 8,
    summary: 'the command: verbs, signals, files, the log, backends, systemd, clusters, coming from Perl’s',
  },
  {
    topic: 'cf',
    name: 'ldirectord.cf',
    section: 5,
    summary: 'the configuration: virtual services, real servers, checks, mails, commands, maintenance',
  },
  { topic: 'ini', name: 'ldirectord.ini', section: 5, summary: 'the settings beside it, and maintenance windows' },
  { topic: 'control', name: 'ldirectord-control', section: 7, summary: 'the control socket and its protocol' },
  {
    topic: 'metrics',
    name: 'ldirectord-metrics',
    section: 7,
    summary: 'metrics, the HTTP API, the status page, events, the log as JSON',
  },
  {
    topic: 'cluster',
    name: 'ldirectord-directors',
    section: 7,
    summary: 'two directors and more: which arrangement to choose, and how to set it up',
  },
  {
    topic: 'diagnostics',
    name: 'ldirectord-diagnostics',
    section: 7,
    summary: 'every error and warning about the files, and what to do',
  },
];

/** `ldirectord.cf.5`, as a page’s file is called. */
export function fileOf({ name, section }: Page): string {
  return `${name}.${section}`;
}

/** By its topic, or by its name with or without its section: `cf`, `ldirectord.cf`, `ldirectord.cf.5`, `ldirectord.cf(5)`. */
export function pageOf(word: string): Page | undefined {
  return pages.find((page) => {
    const { topic, name, section } = page;
    return [topic, name, fileOf(page), `${name}(${section})`].includes(word);
  });
}
