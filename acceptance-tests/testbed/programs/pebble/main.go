// A DNS server for DNS-01 challenges: authoritative for one zone, whose TXT records come by RFC 2136 updates without TSIG.
// cert-manager writes into it and looks whether a record is there; Pebble asks it, too. It holds nothing else, and forgets it all.
// Usage: dns ZONE; the first line of its output is the address that it listens on, by UDP and TCP, on 127.0.0.1.
package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

type server struct {
	zone    string
	lock    sync.Mutex
	records map[string][]string
}

func main() {
	if len(os.Args) != 2 {
		end("usage: dns ZONE")
	}
	zone := &server{zone: dns.CanonicalName(os.Args[1]), records: map[string][]string{}}
	packets, listener, err := listen()
	if err != nil {
		end(err)
	}
	fmt.Println(packets.LocalAddr())
	// Without these actions a server refuses updates before it asks its handler.
	accept := func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept }
	failed := make(chan error)
	go func() {
		failed <- (&dns.Server{PacketConn: packets, Handler: zone, MsgAcceptFunc: accept}).ActivateAndServe()
	}()
	go func() {
		failed <- (&dns.Server{Listener: listener, Handler: zone, MsgAcceptFunc: accept}).ActivateAndServe()
	}()
	end(<-failed)
}

func end(why any) {
	fmt.Fprintln(os.Stderr, "error:", why)
	os.Exit(1)
}

// listen takes a port that is free for both protocols.
func listen() (net.PacketConn, net.Listener, error) {
	var err error
	for range 20 {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			continue
		}
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp", listener.Addr().String()); err == nil {
			return packets, listener, nil
		}
		listener.Close()
	}
	return nil, nil, err
}

func (s *server) ServeDNS(w dns.ResponseWriter, asked *dns.Msg) {
	answer := new(dns.Msg).SetReply(asked)
	s.lock.Lock()
	defer s.lock.Unlock()
	switch {
	case len(asked.Question) != 1 || !dns.IsSubDomain(s.zone, asked.Question[0].Name):
		answer.Rcode = dns.RcodeRefused
	case asked.Opcode == dns.OpcodeUpdate:
		s.update(asked.Ns)
	case asked.Opcode == dns.OpcodeQuery:
		s.answer(asked.Question[0], answer)
	default:
		answer.Rcode = dns.RcodeNotImplemented
	}
	_ = w.WriteMsg(answer)
}

func (s *server) update(changes []dns.RR) {
	for _, change := range changes {
		name := dns.CanonicalName(change.Header().Name)
		text, isText := change.(*dns.TXT)
		switch {
		case change.Header().Class == dns.ClassANY:
			delete(s.records, name)
		case !isText:
		case change.Header().Class == dns.ClassNONE:
			s.records[name] = slices.DeleteFunc(s.records[name], func(had string) bool { return had == strings.Join(text.Txt, "") })
		default:
			s.records[name] = append(s.records[name], strings.Join(text.Txt, ""))
		}
	}
}

func (s *server) answer(question dns.Question, answer *dns.Msg) {
	answer.Authoritative = true
	authority := &dns.SOA{
		Hdr: dns.RR_Header{Name: s.zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET},
		Ns:  "ns." + s.zone, Mbox: "nobody." + s.zone, Serial: 1, Refresh: 60, Retry: 60, Expire: 60, Minttl: 0,
	}
	name := dns.CanonicalName(question.Name)
	if question.Qtype == dns.TypeSOA && name == s.zone {
		answer.Answer = append(answer.Answer, authority)
	}
	if question.Qtype == dns.TypeTXT {
		for _, text := range s.records[name] {
			header := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}
			answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: []string{text}})
		}
	}
	if len(answer.Answer) == 0 {
		answer.Ns = append(answer.Ns, authority)
		if name != s.zone && len(s.records[name]) == 0 {
			answer.Rcode = dns.RcodeNameError
		}
	}
}
