'use strict';
TC.start(async () => {
  const tile = (w) => TC.el('li', { class: 'card tile', 'data-code': w.code },
    TC.el('a', { href: '/wealth/' + w.code },
      TC.el('strong', { class: 'tile-name' }, w.name),
      TC.el('span', { class: 'tile-figure', 'data-testid': 'benchmark-' + w.code }, w.benchmark_low + '%–' + w.benchmark_high + '%'),
      TC.el('span', { class: 'row-sub' }, '业绩比较基准（年化）'),
      TC.el('span', { class: 'tile-tags' },
        TC.el('span', { class: 'tag risk', 'data-testid': 'risk-' + w.code }, w.risk),
        TC.el('span', { class: 'tag' }, w.term_days + '天'),
        TC.el('span', { class: 'tag' }, TC.grouped(w.min_amount.replace(/\.00$/, '')) + '元起'),
        TC.el('span', { class: 'tag ' + (w.buyable ? 'live' : 'over'), 'data-testid': 'status-' + w.code }, w.status))));
  const data = await TC.get('/api/wealth');
  TC.list('wealth', data.items.map(tile), '暂无在售产品');
});
