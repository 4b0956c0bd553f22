//! Never rules inside TLS, which the lane's proxy ends: every way a page has to send an order is tried, with the rule and
//! without it.

use super::rig::{Rig, browser_options, told};
use super::zoo::{Pages, Visit, router};
use base64::Engine as _;
use gengfu::browser::Browsers;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const PAGES: Pages = &[
    (
        "/shop",
        "<script>const send = (way, method = 'POST') => fetch('/api/orders/' + way, {method, body: '1'}).then(() => 0, () => 0);
        const source = (way) => 'fetch(\"' + location.origin + '/api/orders/' + way + '\",{method:\"POST\",body:\"1\"}).then(()=>0,()=>0).then(()=>postMessage(1))';
        const ways = {
          fetch: () => send('fetch'), put: () => send('put', 'PUT'), keepalive: () => fetch('/api/orders/keepalive', {method: 'POST', body: '1', keepalive: true}).catch(() => 0),
          xhr: () => new Promise((r) => { const x = new XMLHttpRequest(); x.onloadend = r; x.open('POST', '/api/orders/xhr'); x.send('1') }),
          syncxhr: () => { try { const x = new XMLHttpRequest(); x.open('POST', '/api/orders/syncxhr', false); x.send('1') } catch {} },
          beacon: () => navigator.sendBeacon('/api/orders/beacon', '1'),
          form: () => new Promise((r) => { const f = document.createElement('iframe'); f.name = 'into'; document.body.append(f); const o = document.createElement('form'); o.method = 'post'; o.action = '/api/orders/form'; o.target = 'into'; document.body.append(o); f.onload = r; setTimeout(r, 500); o.submit() }),
          redirect: () => fetch('/_/to?/api/orders/redirect').catch(() => 0),
          along: () => fetch('/_/along?/api/orders/along', {method: 'POST', body: '1'}).catch(() => 0),
          twice: () => fetch('/_/to?/_/to?/api/orders/twice').catch(() => 0),
          sent: () => new Promise((r) => { const f = document.createElement('iframe'); f.name = 'sent'; document.body.append(f); const o = document.createElement('form'); o.method = 'post'; o.action = '/_/along?/api/orders/sent'; o.target = 'sent'; document.body.append(o); f.onload = r; setTimeout(r, 500); o.submit() }),
          frame: () => new Promise((r) => { window.done = r; const f = document.createElement('iframe'); f.src = '/sender?frame'; document.body.append(f); setTimeout(r, 3000) }),
          blank: () => new Promise((r) => { const f = document.createElement('iframe'); document.body.append(f); f.contentWindow.fetch('/api/orders/blank', {method: 'POST', body: '1'}).then(r, r) }),
          popup: () => new Promise((r) => { window.done = r; window.open('/sender?popup'); setTimeout(r, 3000) }),
          opener: () => { const w = window.open('about:blank'); return w.fetch(location.origin + '/api/orders/opener', {method: 'POST', body: '1'}).catch(() => 0) },
          noopener: () => new Promise((r) => { new BroadcastChannel('sent').onmessage = r; window.open('/sender?noopener', '_blank', 'noopener'); setTimeout(r, 3000) }),
          worker: () => new Promise((r) => { new Worker(URL.createObjectURL(new Blob([source('worker')]))).onmessage = r; setTimeout(r, 3000) }),
          shared: () => new Promise((r) => { const s = new SharedWorker(URL.createObjectURL(new Blob(['onconnect=(e)=>{const postMessage=(m)=>e.ports[0].postMessage(m);' + source('shared') + '}']))); s.port.onmessage = r; setTimeout(r, 3000) }),
          link: () => new Promise((r) => { new BroadcastChannel('sent').onmessage = r; const a = document.createElement('a'); a.href = '/sender?link'; a.target = '_blank'; a.rel = 'noopener'; a.click(); setTimeout(r, 3000) }),
          post: () => new Promise((r) => { const o = document.createElement('form'); o.method = 'post'; o.action = '/api/orders/post'; o.target = '_blank'; document.body.append(o); o.submit(); setTimeout(r, 1000) }),
          service: async () => { const n = await navigator.serviceWorker.register('/_/worker.js', {scope: '/'}); await navigator.serviceWorker.ready; n.active?.postMessage('/api/orders/service'); await new Promise((r) => setTimeout(r, 1500)) },
          socket: () => new Promise((r) => { const s = new WebSocket('wss://' + location.host + '/api/orders/socket'); s.onerror = s.onopen = r }),
        };
        const tryAll = async () => { for (const [way, run] of Object.entries(ways)) { try { await Promise.race([run(), new Promise((r) => setTimeout(r, 3000))]) } catch {} q('#way').textContent = way } done('都试过') }</script>
        <button onclick=tryAll()>都试</button><p id=way></p>",
    ),
    (
        "/sender",
        "<script>fetch('/api/orders/' + location.search.slice(1), {method: 'POST', body: '1'}).then(() => 0, () => 0).then(() => { (opener || parent).done?.(); new BroadcastChannel('sent').postMessage(1) })</script>",
    ),
];

/// The pages over TLS, by a certificate of the server's own making.
struct Secure {
    base: String,
    /// What lets a browser take the certificate, and no other.
    pin: String,
    /// The certificate, which the lane's proxy trusts.
    root: CertificateDer<'static>,
    seen: Arc<Mutex<Vec<Visit>>>,
    serving: JoinHandle<()>,
}

impl Secure {
    async fn open() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let spki = {
            use rcgen::PublicKeyData as _;
            made.signing_key.subject_public_key_info()
        };
        use sha2::Digest as _;
        let pin = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(spki));
        let root = made.cert.der().clone();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let seen: Arc<Mutex<Vec<Visit>>> = Arc::default();
        let app = router(PAGES, Arc::clone(&seen));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, app) = (acceptor.clone(), app.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = hyper_util::service::TowerToHyperService::new(app);
                    let io = hyper_util::rt::TokioIo::new(stream);
                    let _the_browser_may_leave =
                        hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
                });
            }
        });
        Self { base, pin, root, seen, serving }
    }

    /// The ways in which an order arrived.
    fn arrived(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let mut ways: Vec<String> =
            seen.iter().filter_map(|visit| visit.path.strip_prefix("/api/orders/").map(str::to_owned)).collect();
        ways.sort();
        ways.dedup();
        ways
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The shop walked, with what each side has of the other: whether the lane's proxy trusts the server.
async fn all_tried(never: &[(&str, &str)], trusted: bool) -> (Vec<String>, gengfu::walk::WalkRecord) {
    let secure = Secure::open().await;
    let mut rig = Rig::at(&secure.base).await;
    let options = gengfu::browser::BrowserOptions {
        arguments: vec![format!("--ignore-certificate-errors-spki-list={}", secure.pin)],
        roots: if trusted { vec![secure.root.clone()] } else { vec![] },
        ..browser_options(&rig.dir)
    };
    rig.browsers = Arc::new(Browsers::start(options).await.unwrap());
    rig.step_within = Duration::from_secs(30);
    rig.never = never.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    let record = rig
        .walk("  - open: /shop\n  - tap: {role: button, name: 都试}\n    see: {text: 都试过}\n    within: 40s")
        .await;
    rig.browsers.shutdown().await;
    (secure.arrived(), record)
}

const RULES: [(&str, &str); 3] = [("POST", "/api/orders/**"), ("PUT", "/api/orders/**"), ("GET", "/api/orders/**")];

#[tokio::test(flavor = "multi_thread")]
async fn no_order_arrives_over_tls_however_it_is_sent() {
    let (open, record) = all_tried(&[], true).await;
    let ways = [
        "along",
        "beacon",
        "blank",
        "fetch",
        "form",
        "frame",
        "keepalive",
        "link",
        "noopener",
        "opener",
        "popup",
        "post",
        "put",
        "redirect",
        "sent",
        "service",
        "shared",
        "socket",
        "syncxhr",
        "twice",
        "worker",
        "xhr",
    ];
    assert_eq!(open, ways, "without a rule every way leads to the server: {}", told(&record));
    let (arrived, record) = all_tried(&RULES, true).await;
    assert!(arrived.is_empty(), "{arrived:?} arrived: {}", told(&record));
    let page = record.steps.last().and_then(|step| step.seen.page.as_ref());
    assert!(page.is_some_and(|page| page.text.contains("都试过")), "every way was tried: {page:?}");
    let failed = record.failed_step().unwrap_or_else(|| panic!("{}", told(&record)));
    assert!(
        matches!(&failed.outcome, gengfu::walk::Outcome::Failed(f) if f.kind.word() == "guarded"),
        "{}",
        told(&record)
    );
}

/// What cannot be trusted is not asked: the record has the browser's own word for it, as without a proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_bad_certificate_gets_nothing() {
    let (arrived, record) = all_tried(&RULES, false).await;
    assert!(arrived.is_empty(), "{arrived:?} arrived: {}", told(&record));
    let failed = record.failed_step().unwrap_or_else(|| panic!("{}", told(&record)));
    assert!(told(&record).contains("ERR_CERT_AUTHORITY_INVALID"), "{}: {:?}", told(&record), failed.outcome);
    let judged = gengfu::detector::judge(&record);
    assert_eq!(judged.findings.first().map(|f| f.detector), Some("certificate-error"), "{judged:#?}");
}
