/*
 * An independent model of a move: written from the protocol's prose, not from proxy/cutover/move/table.ts, so that a
 * mistake in one shows in the other. One row; two applications' writers (one with a snapshot that may be old); relays that
 * deliver in order and may deliver again what was delivered once; an applier and a backfill worker that sleep between
 * checking and writing; two controllers that read, decide, sleep, and may never wake.
 *
 * -DWITHOUT_<GUARD> takes one guard out; spin.test.ts does so for each and wants an assertion to fail.
 */
#ifndef WRITES
#define WRITES 2
#endif
#ifndef EPOCHS
#define EPOCHS 3
#endif
#define ITEMS 6

#define OWNER 0
#define FENCED 1
#define FOLLOWER 2
#define PUT 1
#define GONE 2
#define MARK 3

#ifdef WITHOUT_BACKFILL_CAUGHT_UP
#define CAUGHT_UP true
#else
#define CAUGHT_UP (s[0].delivered >= read_up_to)
#endif
#ifdef WITHOUT_FENCE_CLOSED
#define BACKFILL_CLOSED true
#else
#define BACKFILL_CLOSED (!run_open)
#endif
#ifdef WITHOUT_FENCE_EXCLUSIVE
#define NO_OPEN_WRITE true
#else
#define NO_OPEN_WRITE (s[f].shared == 0)
#endif
#ifdef WITHOUT_FENCE_EPOCH
#define AT_SEEN_EPOCH true
#else
#define AT_SEEN_EPOCH (s[f].epoch == e)
#endif
#ifdef WITHOUT_COMMIT_EPOCH
#define NOT_ABORTED true
#else
#define NOT_ABORTED (s[t].epoch == e)
#endif
#ifdef WITHOUT_COMMIT_DRAINED
#define DRAINED true
#else
#define DRAINED (s[t].drained == e + 1)
#endif
#ifdef WITHOUT_ABORT_EPOCH
#define NOT_COMMITTED true
#else
#define NOT_COMMITTED (s[t].epoch == e)
#endif
#ifdef WITHOUT_REOPEN_EPOCH
#define BY_THIS_MOVE true
#else
#define BY_THIS_MOVE (s[f].epoch == e + 1)
#endif

typedef Item { byte kind; byte epoch; byte version };
typedef Side {
  byte state; byte epoch; byte fenced_at; byte drained;
  byte version; bit present;             /* the row; a deleted one keeps its delete's version */
  byte applied_epoch; byte applied_seq;  /* 0: nothing applied */
  byte shared;                           /* holders of the bucket's shared lock */
  bit row_locked;
  byte length; byte delivered;
  Item outbox[ITEMS]
};
Side s[2];
byte truth = 1; bit truth_present = 1;   /* the last acknowledged write */
byte writes_left = WRITES;
bit run_open = 1; bit copied = 0; byte read_up_to = 0;

/* Parameters have names that stand nowhere else: spin replaces them as text. */
inline check_owner(x) {
  assert(!(s[0].state == OWNER && s[1].state == OWNER));                                  /* I1 */
  assert(s[x].state != OWNER || (s[x].version == truth && s[x].present == truth_present)) /* I2 */
}

inline append(w, kk, ee, vv) {
  assert(s[w].length < ITEMS);
  s[w].outbox[s[w].length].kind = kk;
  s[w].outbox[s[w].length].epoch = ee;
  s[w].outbox[s[w].length].version = vv;
  s[w].length++
}

/* READ COMMITTED, or REPEATABLE READ with a snapshot from some time ago. */
proctype Writer(bit old_snapshot) {
  byte me; byte epoch; byte kind; bit owner; byte snap_state; byte snap_epoch;
end:
  do
  :: atomic { writes_left > 0 -> if :: me = 0 :: me = 1 fi;
       snap_state = s[me].state; snap_epoch = s[me].epoch; }
     atomic {
       !s[me].row_locked && writes_left > 0 ->
       if
       :: !old_snapshot -> owner = (s[me].state == OWNER); epoch = s[me].epoch
       :: old_snapshot ->
#ifdef WITHOUT_GATE_FRESH
          owner = (snap_state == OWNER); epoch = snap_epoch
#else
          owner = (s[me].state == OWNER && s[me].epoch == snap_epoch); epoch = snap_epoch
#endif
       fi;
#ifdef WITHOUT_GATE_OWNER
       owner = 1;
#endif
       if
       :: owner ->
          if :: kind = PUT :: s[me].present -> kind = GONE fi;
          s[me].row_locked = 1; writes_left--;
#ifndef WITHOUT_GATE_SHARED
          s[me].shared++
#endif
       :: else -> kind = 0   /* BY001 or 40001: the write failed */
       fi
     }
     if
     :: kind != 0 ->
        atomic {
          truth++; truth_present = (kind == PUT);
          s[me].version = truth; s[me].present = truth_present;
          append(me, kind, epoch, truth);
          s[me].row_locked = 0;
#ifndef WITHOUT_GATE_SHARED
          s[me].shared--;
#endif
          check_owner(0); check_owner(1); kind = 0; me = 0; epoch = 0; snap_state = 0; snap_epoch = 0; owner = 0
        }
     :: else -> me = 0; epoch = 0; snap_state = 0; snap_epoch = 0; owner = 0
     fi
  :: writes_left == 0 -> break
  od
}

/* From the other side's outbox into mine: the next one in order, or one that came before. */
proctype Applier(byte me) {
  byte at; byte k; byte e; byte v; bit counts; byte from = 1 - me; byte before;
end:
  do
  :: atomic {
       s[from].length > 0 ->
       if :: at = 0 :: at = 1 :: at = 2 :: at = 3 :: at = 4 :: at = 5 fi;
       if
       :: at <= s[from].delivered && at < s[from].length ->
          k = s[from].outbox[at].kind; e = s[from].outbox[at].epoch; v = s[from].outbox[at].version;
          counts = 1;
#ifndef WITHOUT_APPLY_OWNER
          if :: s[me].state == OWNER -> counts = 0 :: else fi;
#endif
          if
          :: k == MARK ->
             if :: counts && e > s[me].drained -> s[me].drained = e :: else fi;
             if :: at == s[from].delivered -> s[from].delivered++ :: else fi;
             counts = 0
          :: else ->
#ifndef WITHOUT_APPLY_SINCE_FENCE
             if :: e < s[me].fenced_at -> counts = 0 :: else fi;
#endif
             if
             :: counts -> s[me].shared++
             :: else -> if :: at == s[from].delivered -> s[from].delivered++ :: else fi
             fi
          fi
       :: else -> counts = 0
       fi
     }
     if
     :: counts ->
        atomic {
          before = s[me].version;
          if
#ifndef WITHOUT_APPLY_NEWER
          :: e < s[me].applied_epoch || (e == s[me].applied_epoch && at + 1 <= s[me].applied_seq) -> skip
#endif
          :: else ->
             assert(s[me].state != OWNER);                                                /* I7 */
             s[me].version = v; s[me].present = (k == PUT);
             s[me].applied_epoch = e; s[me].applied_seq = at + 1;
             assert(v >= before || (me == 1 && run_open))                                 /* I4, I5 */
          fi;
          if :: at == s[from].delivered -> s[from].delivered++ :: else fi;
          s[me].shared--; counts = 0; at = 0; k = 0; e = 0; v = 0; before = 0
        }
     :: else -> at = 0; k = 0; e = 0; v = 0
     fi
  od
}

/* From side 0 to side 1. */
proctype Backfill() {
  byte v; bit may;
end:
  do
  :: atomic { run_open -> v = 0; read_up_to = s[0].length;
       if :: s[0].present -> v = s[0].version :: else -> copied = 1 fi }
     if
     :: v != 0 ->
        atomic {
          may = !s[1].present;
#ifndef WITHOUT_BACKFILL_OPEN
          may = may && run_open;
#endif
#ifndef WITHOUT_BACKFILL_UNKNOWN
          may = may && s[1].applied_epoch == 0;
#endif
          if
          :: may && s[1].state != OWNER ->
             assert(v >= s[1].version || run_open);                                       /* I4, I5 */
             s[1].version = v; s[1].present = 1
          :: else
          fi;
          copied = 1; v = 0; may = 0
        }
     :: else
     fi
  :: atomic { run_open && copied && CAUGHT_UP && s[1].shared == 0 -> run_open = 0 }
  :: !run_open -> break
  od
}

#define FENCE 1
#define COMMIT 2
#define ABORT 3
#define REOPEN 4

proctype Controller() {
  byte f; byte t; byte e; byte step; byte old;
end:
  do
  :: atomic {  /* read both sides and decide */
       if :: f = 0 :: f = 1 fi; t = 1 - f; step = 0;
       if
       :: s[f].state == OWNER && s[t].state != OWNER && s[f].epoch == s[t].epoch && s[f].epoch < EPOCHS ->
          e = s[f].epoch; step = FENCE
       :: s[f].state == FENCED && s[t].state != OWNER && s[f].epoch == s[t].epoch + 1 ->
          e = s[t].epoch; if :: step = COMMIT :: step = ABORT fi
       :: s[f].state == FENCED && s[t].state == FOLLOWER && s[t].epoch == s[f].epoch + 1 ->
          e = s[f].epoch - 1; step = REOPEN
#ifdef WITHOUT_REOPEN_SEEN
       :: s[f].state == FENCED && s[t].state != OWNER && s[f].epoch == s[t].epoch + 1 ->
          e = s[t].epoch; step = REOPEN
#endif
       :: else
       fi
     }
     if
     :: step == FENCE ->
        if
        :: atomic { BACKFILL_CLOSED && NO_OPEN_WRITE && AT_SEEN_EPOCH && s[f].state == OWNER ->
             old = s[f].epoch;
             s[f].state = FENCED; s[f].epoch = e + 1; s[f].fenced_at = e + 1;
             s[f].applied_epoch = 0; s[f].applied_seq = 0;
             append(f, MARK, e + 1, 0);
             assert(s[f].epoch > old) }                                                   /* I3 */
        :: skip   /* sleeps for ever, or dies */
        fi
     :: step == COMMIT ->
        if
        :: atomic { s[t].shared == 0 && s[t].state != OWNER && NOT_ABORTED && DRAINED ->
             old = s[t].epoch;
             s[t].state = OWNER; s[t].epoch = e + 1; assert(s[t].epoch > old); check_owner(t) }
        :: skip
        fi
     :: step == ABORT ->
        if
        :: atomic { s[t].shared == 0 && s[t].state != OWNER && NOT_COMMITTED ->
             old = s[t].epoch;
             s[t].state = FOLLOWER; s[t].epoch = e + 2; assert(s[t].epoch > old) }
        :: skip
        fi
     :: step == REOPEN ->
        if
        :: atomic { s[f].shared == 0 && s[f].state == FENCED && BY_THIS_MOVE ->
             old = s[f].epoch;
             s[f].state = OWNER; s[f].epoch = e + 2; assert(s[f].epoch > old); check_owner(f) }
        :: skip
        fi
     :: else
     fi;
     step = 0; f = 0; t = 0; e = 0; old = 0
  od
}

init {
  atomic {
    s[0].state = OWNER; s[0].epoch = 1; s[0].version = 1; s[0].present = 1;
    s[1].state = FOLLOWER; s[1].epoch = 1;
    run Writer(0); run Writer(1);
    run Applier(0); run Applier(1);
    run Backfill();
    run Controller(); run Controller()
  }
}
