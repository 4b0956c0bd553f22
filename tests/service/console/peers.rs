//! One address on real sockets: it holds so many connections, live ones among them, and others come in all the same.

use super::DEADLINE;
use super::world::World;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// A connection from 127.0.0.`host`.
async fn connect(host: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((IpAddr::from(Ipv4Addr::new(127, 0, 0, host)), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Asks for `path` over `stream`; whether an answer began, or nothing came but the end.
async fn is_answered(stream: &mut TcpStream, path: &str) -> bool {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let asked = async {
        let mut head = [0; 12];
        // Who was hung up on may meet that at the first byte already.
        stream.write_all(request.as_bytes()).await.is_ok()
            && stream.read_exact(&mut head).await.is_ok()
            && &head == b"HTTP/1.1 200"
    };
    tokio::time::timeout(DEADLINE, asked).await.unwrap()
}

#[tokio::test]
async fn one_address_leaves_room_for_others() {
    let mut world = World::empty().await;
    world.per_peer = 4;
    let served = world.serve(&[]).await;
    let mut live = connect(1, served.address).await;
    assert!(is_answered(&mut live, "/live").await);
    // Connections that say nothing hold their places, too.
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(connect(1, served.address).await);
    }
    for _ in 0..3 {
        assert!(!is_answered(&mut connect(1, served.address).await, "/healthz").await, "a fifth of the same address");
    }
    assert!(is_answered(&mut connect(2, served.address).await, "/healthz").await, "another address");
    assert!(is_answered(silent.last_mut().unwrap(), "/healthz").await, "who is in stays in");
    drop(live);
    let again = async { while !is_answered(&mut connect(1, served.address).await, "/healthz").await {} };
    tokio::time::timeout(DEADLINE, again).await.unwrap();
}
