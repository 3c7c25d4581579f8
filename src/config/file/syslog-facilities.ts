/** The facilities of the system's log: RFC 3164, section 4.1.1. */

const numbers: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`local${index}`, 16 + index])),
};

/** What is taken where a name is none of a facility. */
export const usualFacility = 'daemon';

/** By name, in any case and with or without `LOG_`; null where there is none of that name. */
export function facilityNumber(name: string): number | null {
  const plain = name.toLowerCase().replace(/^log_/, '');
  return Object.hasOwn(numbers, plain) ? (numbers[plain] ?? null) : null;
}
