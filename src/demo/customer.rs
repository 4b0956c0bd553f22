//! The demo's customers, each with a ledger that is known to the cent. All names, numbers and secrets are invented.

use super::chance::mix;
use super::product::{figure, fund, wealth};
use crate::money::Decimal;
use jiff::civil::Date;
use serde_json::{Value, json};

/// A customer of the demo. The secrets are demo values, meant to be known.
#[derive(Debug, Clone)]
pub struct Customer {
    /// What is typed as 用户名.
    pub username: String,
    /// What is typed as 密码.
    pub password: String,
    /// What is typed as 交易密码, six digits.
    pub trade_pin: String,
    /// Base32 secret of the second factor, where the customer has one.
    pub totp_secret: Option<String>,
    /// `retail`, `vip`, `empty`, `tfa`, `locked` or `pool`.
    pub kind: &'static str,
    /// The name pages greet with.
    pub name: String,
    /// How the customer is addressed: 女士 or 先生.
    pub address: &'static str,
    pub(super) phone: String,
    pub(super) id_card: String,
    pub(super) card: String,
    pub(super) funds: Vec<(&'static str, &'static str)>,
    pub(super) wealth: Vec<(&'static str, &'static str)>,
    pub(super) loan: Option<&'static str>,
    pub(super) entry_count: u32,
    pub(super) message_count: usize,
}

/// One line of a customer's cash ledger.
pub(super) struct Entry {
    pub serial: String,
    pub at: String,
    pub title: &'static str,
    pub remark: String,
    pub amount: Decimal,
    pub balance: Decimal,
}

/// How many customers the pool holds beside the five named ones.
const POOL_SIZE: usize = 40;

/// Everyone who can log in (and one who is locked out).
pub(super) fn all() -> Vec<Customer> {
    let mut everyone = vec![
        Customer {
            funds: vec![("000123", "42000.00"), ("000264", "60000.00"), ("000777", "15230.48")],
            wealth: vec![("TC2601", "80000.00"), ("TC2603", "25000.00")],
            loan: Some("36000.00"),
            ..named("retail", "linxt", "林晓棠", "女士", 1, 36)
        },
        Customer {
            funds: vec![
                ("000821", "310000.00"),
                ("000316", "265000.00"),
                ("000123", "180000.00"),
                ("000908", "820000.00"),
            ],
            wealth: vec![("TC2605", "1500000.00"), ("TC2602", "600000.00")],
            ..named("vip", "zhoumq", "周慕青", "先生", 2, 58)
        },
        Customer { message_count: 0, ..named("empty", "heqs", "何其山", "先生", 3, 0) },
        Customer {
            totp_secret: Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned()),
            funds: vec![("000457", "18800.00"), ("000702", "9600.50")],
            wealth: vec![("TC2607", "50000.00")],
            ..named("tfa", "suwq", "苏婉清", "女士", 4, 24)
        },
        named("locked", "fangt", "方棠", "女士", 5, 0),
    ];
    everyone.extend((1..=POOL_SIZE).map(pooled));
    everyone
}

fn named(
    kind: &'static str,
    username: &str,
    name: &str,
    address: &'static str,
    number: u32,
    entry_count: u32,
) -> Customer {
    Customer {
        username: username.to_owned(),
        password: format!("Tingchao#{:04}", 2600 + number),
        trade_pin: format!("{:06}", 258_036 + number * 111),
        totp_secret: None,
        kind,
        name: name.to_owned(),
        address,
        phone: format!("1380001{number:04}"),
        id_card: id_card(number),
        card: format!("62220000115566{number:04}"),
        funds: Vec::new(),
        wealth: Vec::new(),
        loan: None,
        entry_count,
        message_count: 6,
    }
}

fn pooled(index: usize) -> Customer {
    const SURNAMES: [&str; 10] = ["陈", "李", "王", "赵", "孙", "吴", "郑", "冯", "韩", "唐"];
    const GIVEN: [&str; 8] = ["知夏", "砚书", "云舒", "望舒", "景明", "若谷", "清源", "嘉禾"];
    let number = u32::try_from(index).unwrap_or(0);
    let name = format!("{}{}", SURNAMES[index % 10], GIVEN[index % 8]);
    let address = if index.is_multiple_of(2) { "女士" } else { "先生" };
    Customer {
        funds: vec![("000123", "12000.00"), ("000119", "34500.00")],
        wealth: vec![("TC2601", "30000.00")],
        ..named("pool", &format!("pool{index:02}"), &name, address, 100 + number, 23)
    }
}

/// An invented identity number whose checksum is right (GB 11643), so that a leak of it looks like a leak.
fn id_card(number: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("33010019{:02}0{}15{:03}", 70 + number % 30, 1 + number % 9, number % 1000);
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    let last = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize];
    format!("{body}{last}")
}

impl Customer {
    /// The cash ledger, oldest line first. The last balance is the cash on the home page.
    pub(super) fn entries(&self, today: Date) -> Vec<Entry> {
        const KINDS: [(&str, i64); 8] = [
            ("工资代发", 1),
            ("快捷支付", -1),
            ("转账汇款", -1),
            ("基金申购", -1),
            ("理财到期兑付", 1),
            ("水电煤缴费", -1),
            ("利息入账", 1),
            ("贷款还款", -1),
        ];
        let mut balance = Decimal::new(5_000_000, 2);
        let mut lines = Vec::new();
        for n in 0..self.entry_count {
            let roll = mix(u64::from(n), &self.username);
            let (title, sign) = KINDS[(roll % 8) as usize];
            let cents = match title {
                "工资代发" => 1_268_000 + i64::try_from(roll >> 8 & 0xffff).unwrap_or(0),
                "理财到期兑付" => 1_005_216,
                "利息入账" => 1_836,
                _ => 1_200 + i64::try_from(roll >> 8 & 0x1_ffff).unwrap_or(0),
            };
            let amount = Decimal::new(cents * sign, 2);
            balance += amount;
            let day = today.saturating_sub(jiff::Span::new().days(i64::from((self.entry_count - n) * 2)));
            lines.push(Entry {
                serial: format!("{}{:04}", day.strftime("%Y%m%d"), n + 1),
                at: format!("{day} {:02}:{:02}:{:02}", 8 + roll % 12, (roll >> 20) % 60, (roll >> 30) % 60),
                title,
                remark: if n == 3 { self.sentinel() } else { String::new() },
                amount,
                balance,
            });
        }
        lines
    }

    /// A remark that stands in this customer's ledger alone: seen by anyone else, it is a leak.
    pub(super) fn sentinel(&self) -> String {
        format!("PATROL-{:04X}", mix(0, &self.username) & 0xffff)
    }

    /// Cash, funds, wealth and loans, each to the cent.
    pub(super) fn assets(&self, today: Date) -> [Decimal; 4] {
        let cash = self.entries(today).last().map_or(Decimal::ZERO, |e| e.balance);
        let funds = self.fund_values().iter().map(|(_, value)| *value).sum();
        let wealth = self.wealth.iter().map(|(_, principal)| figure(principal)).sum();
        let loans = self.loan.map_or(Decimal::ZERO, figure);
        [cash, funds, wealth, loans].map(|f: Decimal| f.round_dp(2))
    }

    fn fund_values(&self) -> Vec<(&'static str, Decimal)> {
        let value = |(code, shares): &(&'static str, &str)| {
            fund(code).map(|f| (*code, (figure(f.nav) * figure(shares)).round_dp(2)))
        };
        self.funds.iter().filter_map(value).collect()
    }

    /// Every holding as the home page lists it.
    pub(super) fn holdings(&self) -> Vec<Value> {
        let funds = self.fund_values().into_iter().filter_map(|(code, value)| {
            let f = fund(code)?;
            let gain = (value * figure(f.day_change) / Decimal::ONE_HUNDRED).round_dp(2);
            Some(json!({"kind": "fund", "code": code, "name": f.name, "risk": f.risk, "amount": money(value), "gain": money(gain)}))
        });
        let wealth = self.wealth.iter().filter_map(|(code, principal)| {
            let w = wealth(code)?;
            let gain = (figure(principal) * figure(w.annualised) / Decimal::from(36_500)).round_dp(2);
            Some(json!({"kind": "wealth", "code": code, "name": w.name, "risk": w.risk, "amount": *principal, "gain": money(gain)}))
        });
        funds.chain(wealth).collect()
    }

    /// `138****0001`.
    pub(super) fn masked_phone(&self) -> String {
        format!("{}****{}", &self.phone[..3], &self.phone[7..])
    }

    /// `3301**********0011`.
    pub(super) fn masked_id_card(&self) -> String {
        format!("{}**********{}", &self.id_card[..4], &self.id_card[14..])
    }

    /// `尾号 0001`.
    pub(super) fn card_tail(&self) -> &str {
        &self.card[self.card.len() - 4..]
    }
}

/// A figure with exactly two decimals.
pub(super) fn money(figure: Decimal) -> String {
    let mut cents = figure.round_dp(2);
    cents.rescale(2);
    cents.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ledger_adds_up() {
        let today = jiff::civil::date(2026, 3, 2);
        for customer in all() {
            let mut balance = Decimal::new(5_000_000, 2);
            for entry in customer.entries(today) {
                balance += entry.amount;
                assert_eq!(balance, entry.balance, "{} {}", customer.username, entry.serial);
                assert!(balance > Decimal::ZERO, "{} is overdrawn at {}", customer.username, entry.serial);
            }
            let listed: Decimal = customer.holdings().iter().map(|h| figure(h["amount"].as_str().unwrap())).sum();
            let [_, funds, wealth, _] = customer.assets(today);
            assert_eq!(listed, funds + wealth, "{}", customer.username);
        }
    }

    /// The tables that the demo's oracle holds its pages to. They are written out, as a bank's are, and the same every day.
    fn tables(today: Date) -> [(&'static str, String); 4] {
        let mut tables = [
            ("customers.csv", "account,name,phone,sentinel\n".to_owned()),
            ("assets.csv", "account,total,cash,funds,wealth,loans\n".to_owned()),
            ("holdings.csv", "account,code,amount\n".to_owned()),
            ("entries.csv", "account,balance,amount\n".to_owned()),
        ];
        let grouped = |figure: Decimal| {
            let plain = money(figure);
            let (whole, cents) = plain.split_once('.').unwrap();
            let thousands: Vec<&str> = whole.as_bytes().rchunks(3).rev().map(|c| str::from_utf8(c).unwrap()).collect();
            format!("{}.{cents}", thousands.join(","))
        };
        for customer in all() {
            let account = &customer.username;
            let mut add = |at: usize, row: String| tables[at].1 += &format!("{account},{row}\n");
            add(0, format!("{},{},{}", customer.name, customer.masked_phone(), customer.sentinel()));
            let [cash, funds, wealth, loans] = customer.assets(today);
            let total = cash + funds + wealth;
            add(1, [total, cash, funds, wealth, loans].map(money).join(","));
            for held in customer.holdings() {
                add(2, format!("{},{}", held["code"].as_str().unwrap(), held["amount"].as_str().unwrap()));
            }
            for entry in customer.entries(today) {
                add(3, format!("\"{}\",{}", grouped(entry.balance), money(entry.amount)));
            }
        }
        tables
    }

    #[test]
    fn the_ledgers_beside_the_journeys_are_the_customers_own() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(tables(jiff::civil::date(2026, 3, 2)), tables(jiff::civil::date(2027, 1, 1)));
        for (name, text) in tables(jiff::civil::date(2026, 3, 2)) {
            let kept = root.join("journeys/oracles").join(name);
            if std::fs::read_to_string(&kept).unwrap_or_default() != text {
                let fresh = root.join("target").join(name);
                std::fs::write(&fresh, text).unwrap();
                panic!("{} is not what the customers own: take {}", kept.display(), fresh.display());
            }
        }
    }

    #[test]
    fn nobody_shares_a_name_or_a_sentinel() {
        let everyone = all();
        let distinct =
            |of: fn(&Customer) -> String| everyone.iter().map(of).collect::<std::collections::HashSet<_>>().len();
        assert_eq!(distinct(|c| c.username.clone()), everyone.len());
        assert_eq!(distinct(Customer::sentinel), everyone.len());
        assert_eq!(distinct(|c| c.id_card.clone()), everyone.len());
    }
}
