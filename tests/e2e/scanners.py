# SPDX-License-Identifier: ISC
"""scanners.py sslscan|testssl FILE - judge a scanner's machine output.

Exit code 1, and what was found, if it is more than it should be.
"""
import json
import sys
import xml.etree.ElementTree

SUITES = {'TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256',
          'TLS_AES_256_GCM_SHA384'}
GROUPS = {'x25519', 'secp256r1 (NIST P-256)', 'X25519MLKEM768'}

# What testssl.sh may find fault with, and why it may.
KNOWN = {
    'cert_chain_of_trust': 'the test\'s certificate is its own issuer',
    'cert_revocation': 'and names nobody who would revoke it',
    'DNS_CAArecord': 'localhost has no such record',
    'HSTS': 'a browser would keep our name on a reporter\'s device; nothing '
            'is served without TLS but on loopback and Unix sockets',
    'engine_problem': 'of the machine\'s openssl, not of the server',
}


def sslscan(path):
    scan = xml.etree.ElementTree.parse(path).getroot().find('ssltest')
    wrong = []
    if scan is None:
        return ['there is no result']
    for p in scan.iter('protocol'):
        name = p.get('type') + p.get('version')
        if (p.get('enabled') == '1') != (name == 'tls1.3'):
            wrong.append('protocol %s: %s' % (name, p.get('enabled')))
    suites = [c.get('cipher') for c in scan.iter('cipher')]
    if set(suites) != SUITES or suites[0] != 'TLS_AES_128_GCM_SHA256' or \
            {c.get('sslversion') for c in scan.iter('cipher')} != {'TLSv1.3'}:
        wrong.append('suites: %r' % suites)
    groups = {g.get('name') for g in scan.iter('group')}
    if not groups or groups - GROUPS:
        wrong.append('groups: %r' % groups)
    for r in scan.iter('renegotiation'):
        if r.get('supported') != '0':
            wrong.append('renegotiation')
    for h in scan.iter('heartbleed'):
        if h.get('vulnerable') != '0':
            wrong.append('heartbleed')
    for c in scan.iter('compression'):
        if c.get('supported') != '0':
            wrong.append('compression')
    certificates = list(scan.iter('certificate'))
    if len(certificates) != 1 or \
            certificates[0].findtext('self-signed') != 'true' or \
            certificates[0].findtext('expired') != 'false':
        wrong.append('certificate')
    return wrong


def testssl(path):
    with open(path, encoding='utf-8') as f:
        found = json.load(f)
    said = {x['id']: x['finding'] for x in found}
    wrong = ['%(severity)s %(id)s: %(finding)s' % x for x in found
             if x['severity'] not in ('OK', 'INFO', 'DEBUG')
             and x['id'] not in KNOWN]
    for name, word in (('TLS1_3', 'offered'), ('TLS1_2', 'not offered'),
                       ('sessionresumption_ticket', 'not supported'),
                       ('sessionresumption_ID', 'no resumption'),
                       ('cookie_count', '0 '),
                       ('banner_server', 'No Server banner'),
                       ('cert_chain_of_trust', 'self signed')):
        if word not in said.get(name, ''):
            wrong.append('%s: %r' % (name, said.get(name)))
    if len(found) < 40:
        wrong.append('%d findings: it has not looked' % len(found))
    return wrong


def main():
    wrong = {'sslscan': sslscan, 'testssl': testssl}[sys.argv[1]](sys.argv[2])
    for line in wrong:
        print('%s: %s' % (sys.argv[1], line))
    sys.exit(1 if wrong else 0)


main()
