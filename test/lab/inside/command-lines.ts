/**
 * Command lines of ipvsadm, one after another on a table that is empty at first: right ones that later ones build on,
 * and every way of being wrong. Blanks separate words; `''` is an empty word.
 */
export const commandLines: readonly (readonly string[])[] = `
foo
-
--
-- -Ln
-n
-n -L
-x
--nosuch
--add-service=x
--timeout
--mcast-interface lo
-A
-A -t
-A -n
-A foo
-A foo -t 10.0.0.1:80 -n
-A foo -t 10.0.0.1:80 -q
-A -D
-L -S
-L -nS
-LL
-Lq
-Lnt
-L -
-L ''
-L foo
-L -t -n
-L --conn
-L --numeric=3
-L --numeric=
-L --start-daemon master
-L --start-daemon=master
-L --start-daemon
-add-service -t 10.0.0.1:102
-A -t 10.0.0.1
-A -t 10.0.0.1 -o
-A -t 10.0.0.1 -b bogus
-A -t 10.0.0.1 -q
-A -t 10.0.0.1:80
-A -t 10.0.0.1:80
-A -t 10.0.0.1:80 -s nope
-A -t 10.0.0.2:80 -s nope
-A -t 10.0.0.2:80 -s averyveryverylongschedulername
-A -t 10.0.0.2:80 --pe averyveryverylongschedulername
-A -t 10.0.0.2:80 -s
-A -t 10.0.0.2:80 -n -s
-A -t 10.0.0.2:80 -s rr -s wrr
-A -t 10.0.0.2:80 foo
-A -t 10.0.0.2:80 -- foo
-A -t 10.0.0.2:80 -n -c
-A -t 10.0.0.2:80 -w 1 -r 1.1.1.1 -g
-A -t 10.0.0.2:80 --exact
-A -t 10.0.0.2:80 --syncid 5
-A -t 10.0.0.2:80 --tun-info
-A -t 10.0.0.2:80 --mcast-ttl 5
-A -t 10.0.0.2:99999
-A -t 10.0.0.2:-1
-A -t 10.0.0.2:80x
-A -t 10.0.0.2:0x50
-A -t 10.0.0.2:
-A -t 10.0.0.2:80:80
-A -t :80
-A -t ''
-A -t 10.0.0.2:nosuchservice
-A -t 10.0.0.2:HTTP
-A -t 10.0.0.300:80
-A -t 10.0.0.08:80
-A -t 4294967296:80
-A -t 1.2.3.4.5:80
-A -t 1.65536.1:80
-A -t 10.0.0.2:http --
-A -t 10.0.0:81
-A -t 10:82
-A -t 0x0a.1:83
-A -t 010.0.0.1:80
-A -t 4294967295:80
-A -t 0.0.0.0:80
-A -t localhost:80
-A -t [::1]:80
-A -t [::]:http
-A -t ::1:80
-A -t ::
-A -t 1::2::3
-A -t [::1]
-A -t [::1:80
-A -t [::1]:
-A -t [::1]:65536
-A -t [fc00::2]80 -p
-A -t []:80
-A -t [fe80::1%lo]:80
-A -t [10.7.0.4]:80
-A -t [10.7.0.4]:80 -p
-A -t fc00::1:2:3:4:5:6 -p
-A -t [::ffff:10.0.0.1]:80
-A -t 10.0.0.3:80 -u 10.0.0.3:80
-A -t 10.0.0.3:80 -p
-A -t 10.0.0.4:80 -p 0
-A -t 10.0.0.4:80 -p -1
-A -t 10.0.0.4:80 -p abc
-A -t 10.0.0.4:80 -p ''
-A -t 10.0.0.4:80 -p 2678401
-A -t 10.0.0.4:80 -p 30 -p 40
-A -t 10.0.0.4:80 --persistent=
-A -t 10.0.0.5:80 -p 2678400
-A -u 10.0.0.1:70 -op
-A -u 10.0.0.1:71 -op 30
-A -u 10.0.0.1:72 -po
-A -u 10.0.0.1:73 -p -o
-A -u 10.0.0.1:74 --persistent 30 -o
-A -u 10.0.0.1:75 -p=40
-At 10.0.0.1:97
-At10.0.0.1:98
-A -t 10.0.0.1:91 -srr
-A -t 10.0.0.1:92 -s=rr
-A -t 10.0.0.1:93 --scheduler=rr
-A -t 10.0.0.1:94 -s ''
-A -t 10.0.0.1:95 --pe ''
-A -t 10.0.0.1:96 -s none
-A -t 10.0.0.6:80 -p 30 -M 255.255.255.0
-A -t 10.0.0.7:80 -p 30 -M 24
-A -t 10.0.0.8:80 -p 30 -M 255.0.255.0
-A -t 10.0.0.9:80 -p 30 -M 0.0.0.0
-A -t 10.0.0.10:80 -M 255.255.255.0
-A -M 255.255 -t 10.0.0.11:80 -p
-A -t 10.0.0.12:80 -M 255.255.255.256
-A -t 10.0.0.12:80 -M abc
-A -t 10.0.0.12:80 -M ''
-A -t [fc00::1]:80 -p 30 -M 64
-A -M 64 -t [fc00::2]:80 -p
-A -t [fc00::3]:80 -p -M +127
-A -t [fc00::4]:80 -p 30 -M 0
-A -t [fc00::4]:80 -p 30 -M 129
-A -t [fc00::4]:80 -p 30 -M 255.255.255.0
-A -f 0
-A -f -1
-A -f 0x10
-A -f 4294967296
-A -f 1
-A -f 4294967295
-A -6 -f 2
-A -6 -t 10.0.0.13:80
-Ln6
-A -f 2 -6
-A -f 7 -p -M 255.255.255.0 -6
-A -f 8 -p -6 -M 255.255.255.0
-A -f 8 -p -6 -M 64 -6
-A -f 3 -o
-A --sctp-service 10.0.0.14:80
-A -t 10.0.0.15:80 -o
-A -t 10.0.0.15:80 -s sh -b sh-port
-A -t 10.0.0.16:80 -s sh -b sh-port,sh-fallback
-A -t 10.0.0.17:80 -s sh -b sh-fallback,bogus
-A -t 10.0.0.17:80 -s rr -b sh-port
-A -t 10.0.0.17:80 -b sh-port -n
-A -b sh-port
-A -t 10.0.0.17:80 -b bogus foo
-L -b bogus
-A -t 10.0.0.18:80 -b flag-1,flag-3
-A -t 10.0.0.19:80 -s mh -b mh-port,flag-3
-A -t 10.0.0.20:80 -s mh -b flag-3
-A -t 10.0.0.22:80 -b mh-port,,mh-port -s mh
-A -u 10.0.0.30:5060 --pe sip -p
-A -u 10.0.0.31:5060 --pe sip
-A -u 10.0.0.32:5060 --pe nope -p
-Ln
-L
-Sn
-S
-a
-a -w 3
-a -s rr
-a -t 10.0.0.1:80
-a -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 --pe sip
-a -t 10.0.0.1:80 -n
-a -r 10.1.0.1
-a -t 10.0.0.1:80 -r 10.1.0.1
-a -t 10.0.0.1:80 -r 10.1.0.1
-a -t 10.0.0.1:80 -r 10.1.0.1:81
-a -t 10.0.0.1:80 -r 10.1.0.2:82 -m
-a -t 10.0.0.1:80 -r 10.1.0.3:0 -m
-a -t 10.0.0.1:80 -r 10.1.0.3:0 -g
-a -t 10.0.0.1:80 -r 10.1.0.4:82 -g -m
-a -t 10.0.0.1:80 -r 10.1.0.4:82 -i -w 3
-a -r 10.1.0.5:80 -m -t 10.0.0.1:80
-a -r 10.1.0.6 -t 10.0.0.1:80
-a -r 10.1.0.7 -m -t 10.0.0.1:80
-a -r 10.1.0.8:http -m -t 10.0.0.1:80
-a -t 10.0.0.1:80 -r 10.1.0.8:http-alt -m
-a -t 10.0.0.1:80 -r 10.1.0.9 -w -1
-a -t 10.0.0.1:80 -r 10.1.0.9 -w 0x10
-a -t 10.0.0.1:80 -r 10.1.0.9 -w ''
-a -t 10.0.0.1:80 -r 10.1.0.9 -w 2147483648
-a -t 10.0.0.1:80 -r 10.1.0.9 -w +2147483647
-a -t 10.0.0.1:80 -r 10.1.0.10 -w 010
-a -t 10.0.0.1:80 -r 10.1.0.11 -x 100 -y 50
-a -t 10.0.0.1:80 -r 10.1.0.12 -x 100 -y 500
-a -t 10.0.0.1:80 -r 10.1.0.12 -x 2147483648
-a -t 10.0.0.1:80 -r 10.1.0.12 -x -1
-a -t 10.0.0.1:80 -r 10.1.0.12 -y abc
-a -t 10.0.0.1:80 -r 10.1.0.12 --u-threshold
-a -t 10.0.0.1:80 -r 10.1.0.12 -i --tun-type gue
-a -t 10.0.0.1:80 -r 10.1.0.12 -i --tun-type gue --tun-port 6080
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gue --tun-port 0
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gue --tun-port abc
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type bogus
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-port 6080
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-csum
-a -t 10.0.0.1:80 -r 10.1.0.13 --tun-type gre
-a -t 10.0.0.1:80 -r 10.1.0.13 -m --tun-type ipip
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gre --tun-remcsum
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gre --tun-port 5
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gre --tun-nocsum --tun-csum
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gue --tun-port 5 --tun-csum --tun-remcsum
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-csum --tun-csum
-a -t 10.0.0.1:80 -r 10.1.0.13 -i --tun-type gre --tun-csum
-a -t 10.0.0.1:80 -r 10.1.0.14 -i --tun-type ipip
-a -t 10.0.0.1:80 -r 127.0.0.1
-a -t 10.0.0.1:80 -r 0.0.0.0
-a -t 10.0.0.1:80 -r 224.0.0.1
-a -t 10.0.0.1:80 -r 10.1.0.30:70000
-a -t 10.0.0.1:80 -r [fc00::1]
-a -t 10.0.0.1:80 -r [fc00::1]:80
-a -t 10.0.0.1:80 -r [fc00::1]:80 --tun-type gre
-a -t 10.0.0.1:80 -r [fc00::1]:80 -i
-a -t [fc00::1]:80 -r fc00::84 -m
-a -t [fc00::1]:80 -r 10.1.0.1:80 -i
-a -t [fc00::1]:80 -r 10.1.0.2:80 -m
-a -f 1 -r 10.1.0.1
-a -f 1 -r 10.1.0.3:syslog
-a -f 1 -r 10.1.0.4:shell -m -w 0
-a -f 2 -6 -r [fc00::2]:80
-a -f 9 -r 10.1.0.1
-e -t 10.0.0.1:80 -r 10.1.0.1 -w 5
-e -t 10.0.0.1:80 -r 10.1.0.2:82 -w 3
-e -t 10.0.0.1:80 -r 10.1.0.2:82 -m -w 3
-e -t 10.0.0.1:80 -r 10.1.0.12 -i
-e -t 10.0.0.9:81 -r 10.9.0.1 -w 5
-d -t 10.0.0.1:80 -r 10.9.0.1
-d -t 10.0.0.9:81 -r 10.9.0.1
-d -t 10.0.0.1:80 -r 10.1.0.1 -w 5
-d -t 10.0.0.1:80 -r 10.1.0.1 -x 5 -n
-d -t 10.0.0.1:80
-d -t 10.0.0.1:80 -r 10.1.0.2
-d -t 10.0.0.1:80 -r 10.1.0.2:82
-E -t 10.0.0.1
-E -t 10.0.0.1:80 -o
-E -t 10.0.0.1:80 -s rr -p 50 -M 255.255.0.0
-E -u 10.0.0.30:5060 -s rr
-E -t 10.0.0.15:80
-E -t 10.0.0.9:81 -s rr
-E -f 1 -s nope
-Ln --tun-info
-L --thresholds
-Ln --nosort
-Ln --nosort --sort
-Sn
-D
-D -t 10.0.0.9:81
-D -t 10.0.0.1:80 -s rr
-D -t 10.0.0.3:http
-D -f 2
-D -f 2 -6
-Z -t 10.0.0.1:80
-Z
-Z -t 10.0.0.9:81
-Z -f 9
-Z -t 10.0.0.1:80 -n
-Z foo
--set
--set 1 2
--set 1 2 -n
--set 1 2 a b
--set 1 2 3 4
--set 1 2 3 -q
--set -1 2 3
--set '' 2 3
--set 2678401 2 3
--set 5 5 5 -6
--set 2678400 +20 0
-L --timeout
-L --timeout --daemon
-L --timeout --stats
-L --timeout --thresholds
-L --timeout --persistent-conn
-L --timeout --tun-info --exact -n
-L --timeout -t 10.0.0.1:80
-L --daemon -f 1
-L -c --timeout --daemon
-L -c --timeout --stats
-L -c --stats
-L -c --persistent-conn --stats
-L -c -t 10.0.0.1:80
-L -c --exact
-L -c --persistent-conn --tun-info
-L --stats --rate
-L --thresholds --persistent-conn
-L --tun-info --persistent-conn
-L --stats --stats
-L --nosort --nosort
-L --sort --sort
-L --syncid 5
-L --mcast-ttl 3
-L -s rr
-L -w 5
-Ln -t 10.0.0.9:81
-Lnt 10.0.0.1:80
-L --stats -f 1
--list --tcp-service 10.0.0.1:80 --numeric
-Sn -t 10.0.0.1:80
-S --stats
-S -n -n
-S foo
-R foo
-R -n
--restore --save
--start-daemon
--start-daemon foo
--clear
--start-daemon master
--start-daemon master --mcast-interface nosuch
--start-daemon master --mcast-interface averyveryveryverylongname
--start-daemon master --mcast-interface lo --syncid 256
--start-daemon master --mcast-interface lo --syncid abc
--start-daemon master --mcast-interface lo --sync-maxlen 65508
--start-daemon master --mcast-interface lo --mcast-group 10.0.0.1
--start-daemon master --mcast-interface lo --mcast-group abc
--start-daemon master --mcast-interface lo --mcast-group fe80::1
--start-daemon master --mcast-interface lo --mcast-port 0
--start-daemon master --mcast-interface lo --mcast-ttl 256
--start-daemon master -n
--start-daemon master backup
--start-daemon master -t 10.0.0.1:80
--start-daemon=backup --mcast-interface=lo --syncid=5 --sync-maxlen 1400 --mcast-group 224.0.0.90 --mcast-port 9000
--start-daemon backup --mcast-interface lo
-L --daemon
--stop-daemon
--stop-daemon foo
--stop-daemon backup -n
--stop-daemon backup foo
--stop-daemon master
--stop-daemon backup --syncid 5
-L --daemon
-C -t 10.0.0.1:80
-C foo
-C -n -c
-C --tun-remcsum --weight 3 --exact
-A -f 1
-C
-Ln
`
  .trim()
  .split('\n')
  .map((line) => line.split(' ').map((word) => (word === "''" ? '' : word)));

/** What -R reads, each on an empty table. */
export const restores: readonly string[] = [
  '',
  '\n  \n\t\n',
  '-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.1.0.1\n',
  '-A -t 10.0.0.1:80',
  'ipvsadm -A -t 10.0.0.1:80 -s rr\nipvsadm ipvsadm\t-a -t 10.0.0.1:80 -r 10.1.0.1\n',
  '/sbin/ipvsadm -A -t 10.0.0.1:80\n-A -t 10.0.0.2:80\n',
  'foo\n-A -t 10.0.0.2:80\n',
  '# comment\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80 # comment\n-A -t 10.0.0.2:80\n',
  '-A -t "10.0.0.1:80"\n',
  '-A -t 10.0.0.1:80\r\n  -A   -t 10.0.0.2:80 \r\n',
  '-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n',
  '-A -t 10.0.0.1:80\n-A -t 10.0.0.300:80\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-a -t 10.0.0.9:80 -r 10.1.0.1\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-d -t 10.0.0.1:80 -r 10.1.0.1\n-E -t 10.0.0.9:80\n',
  '-A -t 10.0.0.1:80 -q\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-A -t 10.0.0.2:80 -s\n',
  '-A -t 10.0.0.1:80\n-L -n\n-D -t 10.0.0.1:80\n-Sn\n-A -f 5\n-S -n\n',
  '-A -t 10.0.0.1:80\n-C\n-A -t 10.0.0.2:80\n-Z\n--set 100 200 300\n-L --timeout\n-L --daemon\n',
  '--set 100 200\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-R\n-A -t 10.0.0.2:80\n',
  '-A -t 10.0.0.1:80\n-n\n-A -t 10.0.0.2:80\n',
  '-Z -t 10.0.0.1:80\n',
  `-A -t 10.0.0.1:80 ${' '.repeat(5_000)} -s rr\n-A -t 10.0.0.2:80\n`,
];
