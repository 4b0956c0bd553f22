// What the browser's interception cannot hold inside TLS is not there: requests of service workers and shared workers,
// and the first ones of windows that know no opener. In the page's own realm, before its scripts.
() => {
  if (![self.origin, location.origin].some((origin) => String(origin).startsWith('https:'))) return;
  const put = (holder, key, value) => Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
  if (self.ServiceWorkerContainer) put(ServiceWorkerContainer.prototype, 'register', function register() { return Promise.reject(new DOMException('service workers are switched off', 'SecurityError')); });
  delete self.SharedWorker;
  // A window with an opener is held from its first request on.
  const open = self.open;
  put(self, 'open', function (...args) {
    const features = String(args[2] ?? '').split(',');
    const kept = features.filter((feature) => !/^\s*no(opener|referrer)\b/i.test(feature));
    if (kept.length === features.length) return open.apply(self, args);
    open.call(self, args[0], args[1], kept.join(','));
    return null;
  });
  const get = Element.prototype.getAttribute, set = Element.prototype.setAttribute;
  const known = (e) => {
    const words = (get.call(e, 'rel') || '').split(/\s+/).filter((word) => word && !/^no(opener|referrer)$|^opener$/i.test(word));
    if (get.call(e, 'target') || document.querySelector('base[target]')) set.call(e, 'rel', [...words, 'opener'].join(' '));
  };
  const leads = (e) => e instanceof HTMLAnchorElement || e instanceof HTMLAreaElement || e instanceof SVGAElement;
  for (const type of ['click', 'auxclick']) self.addEventListener(type, (e) => e.composedPath().filter(leads).forEach(known), true);
  self.addEventListener('submit', (e) => e.composedPath().filter((n) => n instanceof HTMLFormElement).forEach(known), true);
  const click = HTMLElement.prototype.click, submit = HTMLFormElement.prototype.submit;
  put(HTMLElement.prototype, 'click', function () { if (leads(this)) known(this); return click.call(this); });
  put(HTMLFormElement.prototype, 'submit', function () { known(this); return submit.call(this); });
}
