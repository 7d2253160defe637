# SPDX-License-Identifier: ISC
"""
show - the result as a table, plain or Markdown.
"""

COLUMNS = ('row', 'what', 'ours', 'peer', 'ratio', 'goal', 'met',
           'ours from-to', 'peer from-to')


def number(v):
    if v is None:
        return ''
    if abs(v) >= 1000:
        return '{:,.0f}'.format(v)
    if abs(v) >= 100:
        return '%.0f' % v
    if abs(v) >= 10:
        return '%.1f' % v
    return '%.2f' % v


def spread(s):
    return '' if s is None else '%s-%s' % (number(s[0]), number(s[1]))


def cells(row):
    unit = ' ' + row['unit'] if row['unit'] else ''
    state = {True: 'yes', False: 'NO', None: ''}[row['met']]
    if row['wrong']:
        state = 'INVALID'
    return (row['id'], row['name'],
            number(row['ours']) + (unit if row['ours'] is not None else ''),
            number(row['peer']) + (unit if row['peer'] is not None else ''),
            '' if row['ratio'] is None else '%.2f' % row['ratio'],
            row['goal'], state, spread(row['ours_spread']),
            spread(row['peer_spread']))


def foot(result):
    m = result['machine']
    lines = ['%s, %d cores, %d GiB, Linux %s; %d rounds, %d s; load before '
             '%.1f' % (m['cpu'], m['cores'], m['ram_gib'], m['kernel'],
                       result['rounds'], result['seconds'],
                       m['load_before'])]
    for row in result['rows']:
        lines += ['%s: %s' % (row['id'], n) for n in row['notes']]
        lines += ['%s: INVALID: %s' % (row['id'], w) for w in row['wrong']]
    return lines


def plain(result):
    table = [COLUMNS] + [cells(r) for r in result['rows']]
    width = [max(len(r[i]) for r in table) for i in range(len(COLUMNS))]
    right = (2, 3, 4, 7, 8)
    lines = []
    for r in table:
        lines.append('  '.join(
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(r, width))).rstrip())
    lines.insert(1, '-' * max(map(len, lines)))
    return '\n'.join(lines + [''] + foot(result)) + '\n'


def markdown(result):
    lines = ['| ' + ' | '.join(COLUMNS) + ' |',
             '|' + '---|' * len(COLUMNS)]
    lines += ['| ' + ' | '.join(cells(r)) + ' |' for r in result['rows']]
    return '\n'.join(lines + [''] + ['- ' + f for f in foot(result)]) + '\n'
