// The same with franz-go, without a commit.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// As librdkafka and tidemark have them; see bench/README.md.
const (
	fetchMaxBytes = 4 << 20
	fetchMaxPartitionBytes = 1 << 20
	stallLimit             = 20 * time.Millisecond
)

type options struct {
	brokers, topic, group string
	records, batch        int
	workNs                int64
	latencySkip           int
	stay                  bool
}

func parseOptions() options {
	var o options
	version := flag.Bool("version", false, "")
	flag.StringVar(&o.brokers, "brokers", "", "")
	flag.StringVar(&o.topic, "topic", "", "")
	flag.StringVar(&o.group, "group", "", "")
	flag.IntVar(&o.records, "records", 0, "prints its figures after so many")
	flag.IntVar(&o.batch, "batch", 10000, "records at once, at the most")
	flag.Int64Var(&o.workNs, "work-ns", 0, "the handler computes so long for each record")
	flag.IntVar(&o.latencySkip, "latency-skip", -1, "records carry the time they were sent; the first ones do not count")
	flag.BoolVar(&o.stay, "stay", false, "goes on until it is killed")
	flag.Parse()
	if *version {
		fmt.Printf("franz-go %s, %s\n", clientVersion(), runtime.Version())
		os.Exit(0)
	}
	return o
}

func clientVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/twmb/franz-go" {
				return module.Version
			}
		}
	}
	return "unknown"
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func peakRssMib() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			return kib / 1024
		}
	}
	return 0
}

func millisecondsAt(sorted []int64, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(part*float64(len(sorted)-1))]) / 1e6
}

type meter struct {
	options
	started, first, last time.Time
	records              int
	checksum             uint64
	stalls               int
	stalled              time.Duration
	latencies            []int64
}

// handle returns whether there were records enough.
func (m *meter) handle(fetches kgo.Fetches) bool {
	arrived := time.Now()
	hadEnough := m.records >= m.options.records
	if m.records == 0 {
		m.first = arrived
	} else if arrived.Sub(m.last) > stallLimit {
		m.stalls++
		m.stalled += arrived.Sub(m.last)
	}
	count := 0
	fetches.EachRecord(func(record *kgo.Record) {
		count++
		m.checksum += uint64(record.Value[len(record.Value)/2])
		if m.latencySkip >= 0 {
			m.latencies = append(m.latencies, arrived.UnixNano()-int64(binary.LittleEndian.Uint64(record.Value)))
		}
	})
	if m.workNs > 0 {
		for until := time.Now().Add(time.Duration(m.workNs * int64(count))); time.Now().Before(until); {
		}
	}
	m.records += count
	m.last = time.Now()
	enough := m.records >= m.options.records
	if enough && !hadEnough {
		m.print()
	}
	return enough
}

func (m *meter) print() {
	latencies := m.latencies[min(len(m.latencies), max(m.latencySkip, 0)):]
	slices.Sort(latencies)
	fmt.Printf("records=%d seconds=%.4f cpu=%.4f rss_mib=%.1f stalls=%d stalled_seconds=%.3f startup_seconds=%.3f p50_ms=%.3f p99_ms=%.3f checksum=%d\n",
		m.records, m.last.Sub(m.first).Seconds(), cpuSeconds(), peakRssMib(), m.stalls, m.stalled.Seconds(),
		m.last.Sub(m.started).Seconds(), millisecondsAt(latencies, 0.5), millisecondsAt(latencies, 0.99), m.checksum)
}

func main() {
	m := meter{options: parseOptions(), started: time.Now()}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(m.brokers, ",")...),
		kgo.ConsumerGroup(m.group),
		kgo.ConsumeTopics(m.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.FetchMaxBytes(fetchMaxBytes),
		kgo.FetchMaxPartitionBytes(fetchMaxPartitionBytes),
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.DisableFetchCRCValidation(),
	)
	if err != nil {
		fail(err)
	}
	defer client.Close()
	for done := false; !done || m.stay; {
		fetches := client.PollRecords(context.Background(), m.batch)
		if errs := fetches.Errors(); len(errs) > 0 {
			fail(errs[0].Err)
		}
		if !fetches.Empty() {
			done = m.handle(fetches)
		}
	}
}
