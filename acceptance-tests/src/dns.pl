# DNS questions from inside the node, with nothing but Perl: `dig SERVER NAME TYPE` prints code, seconds and records;
# `loop SERVER NAME SECONDS` asks ten times a second until /tmp/tazlab-lookups-end appears, and prints how many were asked and
# what went wrong, as a client sees it: a question that is not answered within two seconds is asked once more, as the C
# library's resolver does (its own wait is five). How many were asked again is printed beside their number.
use strict; use warnings;
use IO::Socket::INET; use IO::Select; use POSIX ();

# Hundredths of a second; finer clocks are not in Perl's smallest install.
sub ticks { return (POSIX::times())[0]; }

my %types = (A => 1, CNAME => 5, PTR => 12, SRV => 33, AAAA => 28);
my %names = reverse %types;
my @codes = qw(NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED);

sub name_at {
  my ($message, $at) = @_; my ($name, $end) = ('', undef);
  for (1 .. 128) {
    my $length = ord substr $message, $at, 1;
    if ($length >= 0xc0) { $end //= $at + 2; $at = unpack('n', substr $message, $at, 2) & 0x3fff; }
    elsif ($length == 0) { return ($name eq '' ? '.' : $name, $end // $at + 1); }
    else { $name .= substr($message, $at + 1, $length) . '.'; $at += 1 + $length; }
  }
  die "a name without end\n";
}

sub ask {
  my ($server, $name, $type, $patience) = @_;
  my $id = int rand 65536;
  my $question = join('', map { chr(length) . $_ } split /\./, $name) . "\0" . pack 'nn', $types{$type}, 1;
  my $socket = IO::Socket::INET->new(PeerAddr => $server, PeerPort => 53, Proto => 'udp') or return ("NOSOCKET $!");
  $socket->send(pack('nnnnnn', $id, 0x0100, 1, 0, 0, 0) . $question) or return ("NOTSENT $!");
  IO::Select->new($socket)->can_read($patience) or return ('TIMEOUT');
  my $message; defined $socket->recv($message, 4096) or return ("NOTREAD $!");
  my ($got, $flags, $questions, $answers) = unpack 'nnnn', $message;
  return ('WRONGID') if $got != $id;
  my ($at, @records) = (12);
  for (1 .. $questions) { (undef, $at) = name_at($message, $at); $at += 4; }
  for (1 .. $answers) {
    (my $owner, $at) = name_at($message, $at);
    my ($kind, undef, undef, $length) = unpack 'nnNn', substr $message, $at, 10;
    my $data = substr $message, $at + 10, $length;
    my $text = $kind == 1 ? join('.', unpack 'C4', $data)
      : $kind == 5 || $kind == 12 ? (name_at($message, $at + 10))[0] : unpack 'H*', $data;
    push @records, "$owner " . ($names{$kind} // $kind) . " $text";
    $at += 10 + $length;
  }
  return ($codes[$flags & 15] // $flags & 15, @records);
}

my ($what, $server, $name, $last) = @ARGV;
if ($what eq 'dig') {
  my $since = ticks();
  my ($code, @records) = ask($server, $name, $last, 1);
  printf "%s %.2f\n", $code, (ticks() - $since) / 100;
  print "$_\n" for @records;
} else {
  unlink '/tmp/tazlab-lookups-end';
  my ($end, $asked, $again, @failed) = (time + $last, 0, 0);
  while (time < $end && !-e '/tmp/tazlab-lookups-end') {
    my ($code, @records) = ask($server, $name, 'A', 2);
    if ($code eq 'TIMEOUT') { $again++; ($code, @records) = ask($server, $name, 'A', 2); }
    $asked++;
    push @failed, "$code @records" if $code ne 'NOERROR' || !@records;
    select undef, undef, undef, 0.1;
  }
  unlink '/tmp/tazlab-lookups-end';
  print join("\n", "$asked $again", @failed), "\n";
}
