import type { LogOptions } from '../../../../shared/machinery/streams.ts'
import { engineProcess } from './host-root.ts'

/** A log as the engine's driver `json-file` keeps it. */
export interface LogFile {
  /** On the engine's host. */
  path: string
  /** How many files there may be: this, and those it was renamed to, `path.1` being the newest of them. */
  files: number
}

/** What the command says on stderr when it has written all. */
export const wholeLog = 'whole'

/**
 * A command for the agent that writes the lines of a log as they are in the engine's files, those of rotated files first. An
 * empty line comes before them, once it knows that it can. While it follows, a byte on stdin says that nothing will be
 * added any more; the end of stdin without one, that nobody reads.
 */
export function tailCommand({ path, files }: LogFile, { follow, tailLines = -1, since = 0 }: LogOptions): string[] {
  const given = [path, files, tailLines, Math.floor(since / 1000), follow ? 1 : 0]
  return ['sh', '-c', `exec perl -e "$@" ${engineProcess}`, 'sh', script, ...given.map(String)]
}

/**
 * A file is read to its end before the next one is looked for, and once more when there is one: the engine writes to no
 * file after it has renamed it. Files are known by their inodes, which stay taken while they are open; what is open is read
 * to the end even if the engine has removed it. The calls of inotify have no names in Perl.
 */
const script = String.raw`
my ($path, $count, $tail, $since, $follow, $engine) = @ARGV;
my %calls = (x86_64 => [294, 254], aarch64 => [26, 27]);
my ($init, $add) = @{ $calls{ qx(uname -m) =~ s/\s//r } or exit 1 };
chroot "/proc/$engine/root" or exit 1;
my ($directory, $name) = $path =~ m|^(.*)/(.*)$| or exit 1;
chdir $directory or exit 1;

my ($changes, $ended);
if ($follow) {
  my ($here, $nonblocking, $modified_moved_created) = ('.', 04000, 0x1c2);
  my $fd = syscall $init, $nonblocking;
  exit 1 if $fd < 0 || syscall($add, $fd, $here, $modified_moved_created) < 0;
  open $changes, '<&=', $fd or exit 1;
}
my @files = newer(0) or exit 1;
skip() if $tail >= 0;
put("\n");
for (;;) {
  drain($files[0]);
  if (@files > 1) { shift @files; next }
  last if !$follow;
  push @files, newer((stat $files[0])[1]);
  next if @files > 1;
  last if $ended;
  await_change();
}
print STDERR '${wholeLog}';

# Files newer than one, or all if it is gone; oldest first. Numbers only grow, so that none is missed from low to high.
sub newer {
  my ($known, %seen, @found) = @_;
  for my $number (0 .. $count - 1) {
    open my $file, '<', $number ? "$name.$number" : $name or next;
    my ($inode, $modified) = (stat $file)[1, 9];
    last if $inode == $known;
    next if $seen{$inode}++ || ($number && $modified < $since);
    unshift @found, $file;
  }
  return @found;
}

# Leaves the last lines of all files: what follows the line break before them.
sub skip {
  for my $i (reverse 0 .. $#files) {
    my $at = -s $files[$i];
    while ($at > 0) {
      my $size = $at < 65536 ? $at : 65536;
      $at -= $size;
      sysseek $files[$i], $at, 0;
      sysread $files[$i], my $block, $size;
      my $breaks = $block =~ tr/\n//;
      if ($breaks <= $tail) { $tail -= $breaks; next }
      my $break = $size;
      $break = rindex $block, "\n", $break - 1 for 0 .. $tail;
      sysseek $files[$i], $at + $break + 1, 0;
      splice @files, 0, $i;
      return;
    }
    sysseek $files[$i], 0, 0;
  }
}

sub drain {
  while (sysread $_[0], my $data, 65536) { put($data); look(0) }
}

sub put {
  my ($data, $at) = (@_, 0);
  $at += syswrite(STDOUT, $data, length($data) - $at, $at) // exit 1 while $at < length $data;
}

# Lines that come one by one are passed on together.
sub await_change {
  look(undef, fileno $changes);
  select undef, undef, undef, 0.01;
  sysread $changes, my $all, 65536;
}

sub look {
  return if $ended;
  my ($patience, $other) = @_;
  my $ready = '';
  vec($ready, 0, 1) = 1;
  vec($ready, $other, 1) = 1 if defined $other;
  select $ready, undef, undef, $patience;
  if (vec $ready, 0, 1) { sysread STDIN, my $word, 1 or exit; $ended = 1 }
}
`
