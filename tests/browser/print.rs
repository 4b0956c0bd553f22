//! A report put on paper by a real browser.

use super::rig::browser_options;
use gengfu::browser::Browsers;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_ours_becomes_a_pdf_and_reaches_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let outside = listener.local_addr().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let browsers = Browsers::start(browser_options(&dir)).await.unwrap();
    let page =
        |body: &str| format!("<!doctype html><html lang=zh-CN><meta charset=utf-8><title>周报</title>{body}</html>");
    let pages = |pdf: &[u8]| String::from_utf8_lossy(pdf).matches("/Type /Page\n").count();
    let one = browsers.print(&page("<h1>平安无事</h1>")).await.unwrap();
    assert!(one.starts_with(b"%PDF") && one.len() > 2_000, "{}", one.len());
    let two = page("<h1>一</h1><h1 style=\"break-before: page\">二</h1>");
    let two = browsers.print(&two).await.unwrap();
    assert_eq!((pages(&one), pages(&two)), (1, 2));
    let nosy = page(&format!("<img src=\"http://{outside}/x.png\">"));
    assert!(browsers.print(&nosy).await.is_ok(), "what cannot be had leaves a gap on the paper");
    assert!(listener.accept().is_err(), "the window has no way out");
    browsers.shutdown().await;
}
