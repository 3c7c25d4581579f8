/**
 * Random configuration files: whole files of well-formed and broken lines of every directive. The same seed
 * gives the same files.
 */

import type { Random } from '../../helpers/random.js';

/** The pieces that broken bars separate. */
function pieces(...texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split('¦'));
}

const yesNo = pieces('yes¦no¦yes¦no¦YES¦yes ¦ no¦maybe¦¦"yes"¦yes\r¦yesno¦no # c¦no#c');
const numbers = pieces('5¦10¦1¦3¦0¦00¦07¦-5¦3s¦ 4¦5 ¦"6"¦x¦¦5 6¦65536¦5#c¦2 # c¦9999999999¦1e3¦=4');
const strings = pieces(
  '"foo"¦"foo bar"¦"/a/b"¦"a\\"b"¦"a#b"¦foo¦\'foo\'¦“foo”¦""¦"¦" "¦"a" # c¦"a"x¦"a" ¦"é"¦"a\tb"¦ "foo"¦x"y"',
  '"a","b"¦¦foo # c¦foo ¦"a¦"ok"\r¦"\u2028"',
);
const patterns = pieces(
  '"ok"¦"OK web[0-9]+"¦"Test Page"¦"HTTP/1.1 200 OK"¦"a b"¦ok¦\'ok\'¦""¦"a" ¦"a"b"¦"^x$"¦"a#b"¦"(a|b)" # c¦',
  '"¦"é"¦" "',
);
const hosts = pieces(
  '10.0.0.1¦10.0.0.2¦192.168.6.2¦127.0.0.1¦web1¦web2.example.net¦a_b¦a-b.¦1.2.3¦1¦010.1.1.1¦256.1.1.1',
  '1.2.3.4.5¦10.0.0.¦é¦a+b¦a/b¦::1¦[::1]¦[1.2.3.4]¦¦-¦x,y¦08.1.1.1¦4294967295¦4294967296¦10.0.0.08¦.',
  'user@web1',
);
const hosts6 = pieces(
  '[::1]¦[2001:db8::5]¦[2001:DB8::A]¦[::]¦[1:2:3:4:5:6:7:8]¦[1:2:3:4:5:6:7::]¦[2001:db8:0:0:0:0:0:1]¦web1',
  '::1¦fe80::1¦[fe80::1¦fe80::1]¦[g::1]¦[1:2]¦[a]¦[[::1]]¦[]¦[web1]¦10.0.0.1¦[10.0.0.1]¦[::ffff:1.2.3.4]',
  'x[::1]¦[::1]x¦[:::]¦¦[a]b]¦"[::1]"¦[1]¦1',
);
const ports = pieces(
  '80¦443¦53¦21¦25¦110¦119¦143¦389¦587¦636¦993¦995¦1521¦1812¦3128¦3306¦5060¦5432¦8080¦0¦080¦65535¦65536',
  '99999999999¦http¦https¦domain¦ftp-data¦tftp¦ntp¦snmp¦HTTP¦nosuch¦¦80x¦-1¦ 80¦80 ¦http+x¦8_0¦:80¦80:90',
  '80.5¦00',
);
const ranges = pieces(
  '10.0.0.1->10.0.0.3¦10.0.0.254->10.0.1.2¦10.0.0.1->10.0.0.1¦0.0.0.8->0.0.0.12¦10.0.0.3->10.0.0.1¦10.0.0.1->',
  '->10.0.0.1¦10.0.0.1-10.0.0.3¦10.0.0.1 -> 10.0.0.3¦1->3¦10.0.0.1->10.0.0.999¦10.0.0.1->10.0.0.2->10.0.0.3',
  '255.255.255.254->255.255.255.255¦59.154.201.254->59.154.202.1¦10.0.0.1>10.0.0.3',
);
const forwards = pieces('gate¦masq¦ipip¦gate¦masq¦GATE¦gatex¦¦route¦"gate"¦-gate¦gate,¦x gate¦gate#c');
const tails = pieces(
  '¦¦¦ 1¦ 5¦ 0¦ 65535¦ 70000¦ -w 7¦ -7¦ x¦ 5 6¦ 5x¦ 1.5¦ 5 "a","b"¦ "a","b"¦ 5 "/a","b"¦ "/a","b" junk',
  ' 5 "a" "b"¦ 5 "a"  ,"b"¦ 5 "a",  "b"¦ "a","b","c"¦ 5 "a"¦ 5 "a","b" l:1 u:2¦ l:1 u:2¦ 5 u:2 l:1¦ 5 l:1',
  ' 5 u:2¦ l:x¦ 5 "l:1" "u:2"¦ 5 l:1 u:2 "a","b"¦ "a","b" 5¦ # c¦ 5 # c¦ 5 "a#b","c"¦ \'a\',\'b\'¦ 5 "",""',
  ' 5 "" "x"¦ "a 5 b","c"¦ 5 "a","b" x¦ 5 "a","b", l:1¦ 5\r¦\t7¦ 5,l:1¦ x "a","b" y l:3 z u:4 ',
  ' 5 "a l:1","b"¦ 5 "a","b"c"¦ l:99999999999',
);
const services = pieces(
  'http¦https¦dns¦ftp¦sip¦none¦mysql¦ldap¦simpletcp¦http_proxy¦submission¦HTTP¦ssh¦"http"¦http x¦x http¦',
  'http-proxy¦http_¦pop3¦(ftp)¦imap\r¦redis¦udp¦tls',
);
const checktypes = pieces(
  'connect¦negotiate¦ping¦external¦external-perl¦on¦off¦3¦0¦03¦-3¦3x¦x¦"connect"¦connect x¦x connect¦',
  'combined¦CONNECT¦on-¦external perl¦- on¦connect#3¦3 # c¦off\r',
);
const schedulers = pieces('wlc¦rr¦wrr¦sh¦foo¦WLC¦Wlc¦wlc //x¦¦"rr"¦5¦mh # c¦w1c');
const flags = pieces('sh-port¦sh-port,sh-fallback¦sh-port, sh-fallback¦¦# c¦"a"¦a,,b¦,');
const masks = pieces(
  '255.255.255.0¦255.255.255.255¦0.0.0.0¦255.0.255.0¦24¦64¦128¦129¦0¦064¦255.255.255.0 ¦255.255.255.0 # c',
  '64#c¦"64"¦¦999.1.1.1¦1.2.3¦255.255.255.0\r',
);
const statuses = pieces(
  'all¦none¦starting¦starting,running¦running, stopping¦none,all¦starting,all¦foo¦¦,¦,all¦all,¦ALL¦all ',
  'all # c¦all#c¦none,none¦reloading\t,starting¦a,,b',
);
const mails = pieces('a@b.c¦"a@b.c"¦"a@b.c, d@e.f"¦a@b.c,d@e.f¦¦""¦"a","b"¦a@b.c # c¦"a" ¦"¦ a@b ¦"a@b"\r¦#¦,¦ ,');
const servers = pieces('10.0.0.9¦mail.example.net¦[::1]¦¦a b¦"mail"¦a+b¦a_b # c¦.');
const methods = pieces('GET¦HEAD¦get¦Head¦POST¦¦"GET"¦GET x¦x GET¦GET#c¦HEAD\r');
const protocols = pieces('tcp¦udp¦fwm¦TCP¦sctp¦¦"udp"¦udp x¦x udp¦tcp # c¦udp\r¦=udp');
const texts = pieces('Web Site¦¦a # b¦"x"¦a\tb¦ x ¦é¦x\r¦#');
const commands = pieces(
  '/bin/x¦"/bin/x y"¦¦""¦"/bin/x" y¦"a¦/bin/x # c¦"/a#b"¦\'/bin/x\'¦ /bin/x ¦/bin/x\r¦"a"b"¦" "¦"\t" x',
);
const paths = ['/dev/null', '"/dev/null"', '""', '', '/dev/null # c', '"/dev/null" x'];

const values: Readonly<Record<string, readonly string[]>> = {
  autoreload: yesNo,
  fork: yesNo,
  supervised: yesNo,
  readdquiescent: yesNo,
  quiescent: yesNo,
  cleanstop: yesNo,
  ops: yesNo,
  checkinterval: numbers,
  checktimeout: numbers,
  negotiatetimeout: numbers,
  checkcount: numbers,
  failurecount: numbers,
  emailalertfreq: numbers,
  persistent: numbers,
  checkport: numbers,
  callback: strings,
  logfile: strings,
  login: strings,
  passwd: strings,
  database: strings,
  secret: strings,
  request: strings,
  receive: patterns,
  virtualhost: strings,
  checkcommand: commands,
  fallbackcommand: commands,
  monitorfile: paths,
  servicename: texts,
  comment: texts,
  execute: texts,
  maintenancedir: ['/tmp', '"/tmp"', '', '/nonexistent', '/tmp # c'],
  emailalertfrom: [...mails, 'A <a@b>'],
  emailalert: mails,
  emailalertstatus: statuses,
  smtp: servers,
  checktype: checktypes,
  service: services,
  scheduler: schedulers,
  schedflags: flags,
  netmask: masks,
  protocol: protocols,
  httpmethod: methods,
  timeout: ['5'],
  tls: ['yes', 'no', 'starttls', 'prefer'],
  requestheader: strings,
  nosuch: ['x'],
  Service: ['http'],
  '': ['x'],
};

const globals = pieces(
  'autoreload¦fork¦supervised¦readdquiescent¦quiescent¦cleanstop¦checkinterval¦checktimeout¦negotiatetimeout',
  'checkcount¦failurecount¦emailalertfreq¦callback¦logfile¦fallbackcommand¦execute¦maintenancedir',
  'emailalertfrom¦emailalert¦emailalertstatus¦smtp¦fallback¦fallback6',
);
const locals = pieces(
  'quiescent¦cleanstop¦ops¦checkinterval¦checktimeout¦negotiatetimeout¦checkcount¦failurecount',
  'emailalertfreq¦persistent¦checkport¦login¦passwd¦database¦secret¦request¦receive¦virtualhost¦checkcommand',
  'fallbackcommand¦monitorfile¦servicename¦comment¦emailalert¦emailalertstatus¦smtp¦checktype¦service',
  'scheduler¦schedflags¦netmask¦protocol¦httpmethod',
);

const equals = pieces('=¦=¦=¦ = ¦= ¦ =¦\t=\t¦==¦ ¦:¦¦=\v¦ =  ');
const indents = pieces('\t¦    ¦\t¦    ¦        ¦\t\t¦    \t¦ \t¦   \t¦   ¦  ¦ ¦¦\v¦     ');
const fillers = pieces(
  '¦¦#x¦ #x¦    # x¦\t#¦ ¦    ¦\t¦     ¦\t\t¦\r¦x¦quiescent¦supervised¦supervised ¦\f¦#¦  \t¦supervised x',
  '\tx¦/¦    real¦virtual¦\ufeff# x¦=¦\u00a0¦    \r',
);

export function randomFile(random: Random): string {
  // Some files are nearly clean, so that much of them is read; others are odd throughout.
  const oddness = [0, 2, 5, 15, 40][random(5)] ?? 0;
  let names = 0;
  const odd = (): boolean => random(100) < oddness;
  const any = (list: readonly string[]): string => list[random(list.length)] ?? '';
  // An oddness of form hides the values behind it, so that there is less of it.
  const misshapen = (): boolean => odd() && random(6) === 0;
  const choose = (list: readonly string[], plain: number, unusual: boolean): string =>
    (unusual ? any(list) : list[random(plain)]) ?? '';
  const pick = (list: readonly string[], plain: number): string => choose(list, plain, odd());
  const shape = (list: readonly string[], plain: number): string => choose(list, plain, misshapen());

  const value = (keyword: string): string => {
    const list = values[keyword] ?? ['x'];
    return pick(list, plainValues[keyword] ?? 1);
  };
  const port = (): string => (random(4) === 0 ? '' : `:${pick(ports, 20)}`);
  const host = (six: boolean): string => (six ? pick(hosts6, 7) : pick(hosts, 6));
  const virtual = (): string => {
    const six = random(4) === 0;
    const name = `virtual${six ? '6' : ''}${shape(equals, 6)}`;
    if (random(5) === 0)
      return name + pick(['1', '7', '42', '0', '007', '99999999999', '5x', '10.0.0.1', '1.1.1.1:', '-1', '5 # c'], 3);
    return `${name}${host(six)}:${pick(ports, 20)}${pick(['', '', '', ' ', ' # c', '/tcp', ' junk', '\r'], 3)}`;
  };
  const real = (six: boolean): string => {
    const first = random(5) === 0 && !six ? range() : host(six);
    return `${first}${port()} ${pick(forwards, 3)}${pick(tails, 7)}`;
  };
  // A range between names that stand in no particular order would be judged by their addresses.
  const range = (): string => {
    if (random(3) === 0) return `first-${++names}->last-${names}`;
    return choose(ranges, 3, odd() || random(8) === 0);
  };
  const fallback = (six: boolean): string =>
    `${host(six)}${port()}${pick(['', ' gate', ' masq', ' ipip', ' GATE', ' x', ' gate 5', ' # c', '#c', ' ', ' masq ', '\r', '\tgate'], 4)}`;
  const directive = (keyword: string): string => {
    const six = keyword.endsWith('6');
    const written = misshapen() ? any(Object.keys(values)) : keyword;
    const text = /^real6?$/.test(keyword) ? real(six) : /^fallback6?$/.test(keyword) ? fallback(six) : value(keyword);
    return `${written}${shape(equals, 6)}${text}`;
  };

  const lines: string[] = [];
  const filler = (): void => {
    if (misshapen()) lines.push(any(fillers));
  };
  const global = (): void => {
    for (let count = random(4); count > 0; count--) {
      filler();
      lines.push(directive(misshapen() ? any(locals) : any(globals)));
    }
  };
  global();
  for (let count = random(4); count > 0; count--) {
    const opening = virtual();
    const suffix = opening.startsWith('virtual6') !== misshapen() ? '6' : '';
    lines.push(opening);
    for (let body = random(7); body > 0; body--) {
      filler();
      const kind = random(10);
      const keyword =
        kind < 3 ? `real${suffix}` : kind < 4 ? `fallback${suffix}` : misshapen() ? any(globals) : any(locals);
      lines.push(shape(indents, 7) + directive(keyword));
    }
    if (random(3) > 0) lines.push('');
    if (random(3) === 0) global();
  }
  filler();
  // The reference opens a monitorfile at once, so that the verdict on any other depends on the machine.
  const fixed = lines.map((line) =>
    line.includes('monitorfile') ? line.replace(/monitorfile.*/, `monitorfile=${any(paths)}`) : line,
  );
  return `${fixed.join('\n')}${odd() ? '' : '\n'}`;
}

/** How many of the values at the beginning of each list are plain. */
const plainValues: Readonly<Record<string, number>> = {
  autoreload: 4,
  fork: 4,
  supervised: 4,
  readdquiescent: 4,
  quiescent: 4,
  cleanstop: 4,
  ops: 4,
  checkinterval: 4,
  checktimeout: 4,
  negotiatetimeout: 4,
  checkcount: 4,
  failurecount: 4,
  emailalertfreq: 4,
  persistent: 4,
  checkport: 4,
  callback: 4,
  logfile: 3,
  login: 4,
  passwd: 4,
  database: 4,
  secret: 4,
  request: 3,
  receive: 5,
  virtualhost: 3,
  checkcommand: 2,
  fallbackcommand: 2,
  monitorfile: 2,
  emailalert: 4,
  emailalertfrom: 2,
  emailalertstatus: 5,
  smtp: 2,
  checktype: 8,
  service: 11,
  scheduler: 5,
  schedflags: 2,
  netmask: 3,
  protocol: 2,
  httpmethod: 2,
};
