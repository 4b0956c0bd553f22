//! Comparing pictures, beside odiff and pixelmatch on the same pairs: processor time and what each tells. `ci/bench picture`
//! starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "picture/figures.rs"]
mod figures;
#[path = "picture/pages.rs"]
mod pages;

use clap::Parser;
use gengfu::picture::{Approved, Comparison, Veil, compare};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use pages::{Kind, VARIANTS};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The pictures' pixels in one of the page's.
const SCALE: f32 = 2.0;

#[derive(Parser)]
struct Options {
    /// Where the other comparers are installed.
    #[arg(long)]
    rivals: Option<PathBuf>,
    /// Comparisons of each pair with each tool; the median is told.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Keeps pages and pictures there.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Compares this kept picture with `--with`: what one of the timed processes does.
    #[arg(long, requires = "with")]
    kept: Option<PathBuf>,
    /// The fresh PNG.
    #[arg(long)]
    with: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    if let (Some(kept), Some(fresh)) = (&options.kept, &options.with) {
        let told = told(kept, fresh);
        println!("{}", words(&told));
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let dir = options.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir).unwrap();
    let rivals = options.rivals.as_deref().expect("--rivals: start it by `ci/bench picture`");
    println!(
        "{:<30} {:>9} {:>9} {:>11}  {:<34} {:<10} pixelmatch",
        "processor milliseconds", "gengfu", "odiff", "pixelmatch", "gengfu tells", "odiff"
    );
    let approved = Picture::draw(&dir, "approved", &pages::page(&VARIANTS[0]), (500, 1900), SCALE);
    approved.keep();
    for (number, variant) in VARIANTS.iter().enumerate() {
        let fresh = Picture::draw(&dir, &format!("page-{number}"), &pages::page(variant), (500, 1900), SCALE);
        let row = Row::measure(variant.name, &approved, &fresh, rivals, options.rounds);
        row.say(Some(variant.kind));
    }
    by_value(&dir);
    let size = (3446, 10728);
    let approved = Picture::draw(&dir, "large", &pages::large(false), size, 1.0);
    approved.keep();
    let same = Picture::draw(&dir, "large-same", &pages::large(false), size, 1.0);
    let changed = Picture::draw(&dir, "large-changed", &pages::large(true), size, 1.0);
    let rounds = options.rounds;
    let equal = Row::measure("37 MPx, equal", &approved, &same, rivals, rounds);
    equal.say(None);
    let differs = Row::measure("37 MPx, one block in forty", &approved, &changed, rivals, rounds);
    differs.say(None);
    println!(
        "\nof odiff's processor time: equal {:.2} (at most 0.50), changed {:.2} (at most 0.80)",
        equal.of_odiff(),
        differs.of_odiff()
    );
}

/// What the robot says of the same pages, that reads their figures.
fn by_value(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let all = runtime.block_on(figures::told(dir));
    println!("\nread by a walk with an oracle:");
    let mut right = true;
    for (variant, told) in VARIANTS.iter().zip(all) {
        if variant.kind != Kind::Layout {
            right &= told.is_some() == (variant.kind == Kind::Figure);
            println!("{:<36} {}", variant.name, told.as_deref().unwrap_or("-"));
        }
    }
    println!("every figure fault is told and no honest page is: {right}\n");
}

fn told(kept: &Path, fresh: &Path) -> Comparison {
    let approved = Approved::parse(&std::fs::read(kept).unwrap()).unwrap();
    compare(&approved, &std::fs::read(fresh).unwrap(), SCALE, &Veil::default()).unwrap()
}

fn words(told: &Comparison) -> String {
    if told.equal {
        return "equal".to_owned();
    }
    if told.resized.is_some() {
        return "another width".to_owned();
    }
    let mut parts = Vec::new();
    if !told.regions.is_empty() {
        parts.push(format!("{} regions", told.regions.len()));
    }
    if !told.moved.is_empty() {
        parts.push(format!("{} moved", told.moved.len()));
    }
    if parts.is_empty() { format!("silent ({} px)", told.pixels) } else { parts.join(", ") }
}

/// A page that was drawn.
struct Picture {
    png: PathBuf,
}

impl Picture {
    fn draw(dir: &Path, name: &str, html: &str, (width, height): (u32, u32), scale: f32) -> Self {
        let page = dir.join(format!("{name}.html"));
        let png = dir.join(format!("{name}.png"));
        std::fs::write(&page, html).unwrap();
        let drawn = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"])
            .arg(format!("--user-data-dir={}", dir.join("profile").display()))
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--force-device-scale-factor={scale}"))
            .arg(format!("--screenshot={}", png.display()))
            .arg(format!("file://{}", page.canonicalize().unwrap().display()))
            .stderr(Stdio::null())
            .status()
            .expect("Chromium is missing: ci/setup installs it");
        assert!(drawn.success() && png.exists(), "Chromium drew no {name}");
        Self { png }
    }

    fn kept(&self) -> PathBuf {
        self.png.with_extension("approved")
    }

    /// Once, when it is approved.
    fn keep(&self) {
        let approved = Approved::of(&std::fs::read(&self.png).unwrap()).unwrap();
        std::fs::write(self.kept(), approved.to_bytes()).unwrap();
    }
}

/// One pair, compared by all.
struct Row {
    name: &'static str,
    /// Median milliseconds of gengfu, odiff and pixelmatch.
    times: [f64; 3],
    said: [String; 3],
}

impl Row {
    fn measure(name: &'static str, was: &Picture, is: &Picture, rivals: &Path, rounds: usize) -> Self {
        let own = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg("--kept").arg(was.kept()).arg("--with").arg(&is.png);
            command
        };
        let odiff = || {
            let mut command = Command::new(rivals.join("node_modules/@odiff/linux-x64/odiff"));
            command.arg(&was.png).arg(&is.png).args(["--antialiasing", "--parsable-stdout"]);
            command
        };
        let pixelmatch = || {
            let mut command = Command::new("node");
            command.arg(rivals.join("pixelmatch.mjs")).arg(&was.png).arg(&is.png);
            command
        };
        let tools: [&dyn Fn() -> Command; 3] = [&own, &odiff, &pixelmatch];
        let (mut all, mut said) = ([Vec::new(), Vec::new(), Vec::new()], [String::new(), String::new(), String::new()]);
        // In turn, so that what else the machine does meets all of them.
        for _ in 0..rounds {
            for (at, tool) in tools.iter().enumerate() {
                let (time, output) = timed(tool());
                all[at].push(time);
                said[at] = output;
            }
        }
        Self { name, times: all.map(median), said }
    }

    fn of_odiff(&self) -> f64 {
        self.times[0] / self.times[1]
    }

    fn say(&self, kind: Option<Kind>) {
        let [own, odiff, pixelmatch] = self.times;
        let kind = match kind {
            Some(Kind::Honest) => "honest",
            Some(Kind::Layout) => "layout",
            Some(Kind::Figure) => "figure",
            None => "",
        };
        let name = format!("{:<7}{}", kind, self.name);
        println!(
            "{name:<36} {own:>6.0} {odiff:>7.0} {pixelmatch:>9.0}  {:<34} {:<18} {}",
            self.said[0], self.said[1], self.said[2]
        );
    }
}

/// User and system time of a process in milliseconds, and what it said.
fn timed(mut command: Command) -> (f64, String) {
    let used = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1_000.0
    };
    let before = used();
    let output = command.stderr(Stdio::null()).output().unwrap();
    let time = used() - before;
    (time, String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
