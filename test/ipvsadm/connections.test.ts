import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsHead, connectionText, parseConnection } from '../../src/ipvsadm/connections.js';
import { namesFrom, numbersAlone } from '../../src/ipvsadm/labels.js';
import { parseServices } from '../../src/system/port-names.js';

const kernel = `\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP 0A370001 B98E 0A370001 0050 0A42004D 0050 SYN_RECV         59
UDP 0A370001 0000 0A370001 13C4 7F000001 13C4 NONE             96 sip 1234567890abcdef-thecallid@host
UDP 0A370001 0000 0A370001 1F43 7F000001 1F43 NONE        2599996
IP  0A370002 0000 00000007 0000 7F000001 0000 ASSURED         297
TCP fc00:0055:0000:0000:0000:0000:0000:0001 8360 fc00:0055:0000:0000:0000:0000:0000:0001 1F42 0000:0000:0000:0000:0000:0000:0000:0001 1F42 ESTABLISHED     896
`;

const connections = kernel.split('\n').flatMap((line) => parseConnection(line) ?? []);

test('the kernel’s list, in ipvsadm’s columns', () => {
  assert.equal(
    connectionsHead(false) + connections.map((each) => connectionText(each, false, numbersAlone)).join(''),
    `\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 00:59  SYN_RECV    10.55.0.1:47502    10.55.0.1:80       10.66.0.77:80
UDP 01:36  NONE        10.55.0.1:0        10.55.0.1:5060     127.0.0.1:5060
UDP 43333:16 NONE        10.55.0.1:0        10.55.0.1:8003     127.0.0.1:8003
IP  04:57  ASSURED     10.55.0.2:0        0.0.0.7:0          127.0.0.1:0
TCP 14:56  ESTABLISHED [fc00:55::1]:33632 [fc00:55::1]:8002  [::1]:8002
`,
  );
});

test('with what a persistence engine found, and names', () => {
  const names = namesFrom(new Map([['127.0.0.1', 'localhost']]), parseServices('sip 5060/udp\nhttp 80/tcp\n'));
  assert.equal(
    connectionsHead(true) +
      connections
        .slice(0, 2)
        .map((each) => connectionText(each, true, names))
        .join(''),
    `\
IPVS connection entries
pro expire state       source             virtual            destination        pe name          pe_data
TCP 00:59  SYN_RECV    10.55.0.1:47502    10.55.0.1:http     10.66.0.77:http
UDP 01:36  NONE        10.55.0.1:0        10.55.0.1:sip      localhost:sip    sip                1234567890abcdef-thecallid@host
`,
  );
});
