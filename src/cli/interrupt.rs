//! Ctrl-C and SIGTERM: the first asks walks to end with their record, the second ends the program at once.

use super::exit::Exit;
use super::terminal::Terminal;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Stops listening when dropped.
pub(super) struct Listening(tokio::task::JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Cancels `cancel` at the first signal. At the second the program ends; wardens then end the browsers.
pub(super) fn cancels(terminal: Terminal, cancel: CancellationToken) -> Listening {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    Listening(tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return };
        next(&mut interrupt, &mut terminate).await;
        terminal.complain("stopping: walks end with their record; once more ends the program at once");
        cancel.cancel();
        next(&mut interrupt, &mut terminate).await;
        std::process::exit(Exit::Inconclusive as i32);
    }))
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
