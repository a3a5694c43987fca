/*
 * One lane between two threads that may die, for SPIN: the order of operations of RingProducer, RingConsumer, Doorbell, the room a producer waits for,
 * and what successors do (`Publisher.rouseConsumers`, `Recovery`), with a supervisor that starts them after the exit of their predecessors.
 *
 * The explorer in `packages/testkit` runs the shipped code and looks at safety. This model says what that code is meant to do, and looks at what the
 * explorer can not see: that under every fair schedule everything is delivered in the end, however often threads sleep and die.
 *
 *   safety    events are handled in order; repeats are no more than deaths; nothing is passed over
 *   liveness  every event is handled (weak fairness)
 *
 * Each -DBUG_… is a mistake that has to be found; `npm run models` runs them all.
 * Source of the method: G. J. Holzmann, The SPIN Model Checker, 2003.
 */
#ifndef EVENTS
#define EVENTS 4
#endif
#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef DEATHS
#define DEATHS 2
#endif

byte tail;            /* committed by the producer */
byte head;            /* released by the consumer: records before it are the producer's again */
byte progress;        /* records before it have settled; the ledger of the consumer */
bool bellOfConsumer;  /* its owner sleeps, or is about to */
bool bellOfProducer;
bool roomWanted;
bool consumerSleeps;  /* inside of a wait */
bool producerSleeps;

byte deaths;
bool consumerGone;    /* exited; the supervisor may start a successor */
bool producerGone;
byte handled;         /* distinct events handled, in order */
byte repeats;

/* A thread may die between any two of its operations. */
#define MAY_DIE(label) if :: deaths < DEATHS -> deaths++; goto label :: skip fi

/* `Doorbell.ring`: load, exchange, notify; the thread that rings may die between them. */
inline ring(bell, sleeps, label) {
  if
  :: bell ->
    MAY_DIE(label);
    atomic { taken = bell; bell = false };
    MAY_DIE(label);
    if :: taken -> sleeps = false :: else fi
  :: else
  fi
}

/* `Doorbell.rouse`: whatever the bell says. */
inline rouse(bell, sleeps) { bell = false; sleeps = false }

/* `Doorbell.wait`: returns at once unless the bell is armed. */
inline await(bell, sleeps) {
  atomic { if :: bell -> sleeps = true :: else fi };
  !sleeps
}

proctype Producer() {
  bool taken;
  bool early;
#ifndef BUG_PRODUCER_SILENT
  /* The predecessor may have taken the bell and not rung it. */
  rouse(bellOfConsumer, consumerSleeps);
#endif
  do
  :: tail == EVENTS -> break
  :: tail < EVENTS ->
    MAY_DIE(dead);
    if
    :: tail - head < CAPACITY ->
#ifdef BUG_BELL_BEFORE_COMMIT
      early = bellOfConsumer;
      tail++;
      if :: early -> ring(bellOfConsumer, consumerSleeps, dead) :: else fi
#else
      tail++;
      MAY_DIE(dead);
      ring(bellOfConsumer, consumerSleeps, dead)
#endif
    :: else ->
      roomWanted = true;
      bellOfProducer = true;
#ifndef BUG_PRODUCER_LOOKS_ONCE
      if
      :: tail - head < CAPACITY -> bellOfProducer = false
      :: else -> await(bellOfProducer, producerSleeps)
      fi;
#else
      await(bellOfProducer, producerSleeps);
#endif
      roomWanted = false
    fi
  od;
  goto done;
dead:
  producerGone = true;
done:
  skip
}

proctype Consumer() {
  bool taken;
  byte position = progress;
#ifndef BUG_HEAD_STAYS
  head = position;
#endif
#ifndef BUG_CONSUMER_SILENT
  /* The predecessor may have settled and not rung. */
  rouse(bellOfProducer, producerSleeps);
#endif
  do
  :: position < tail ->
    MAY_DIE(dead);
#ifdef BUG_PROGRESS_BEFORE_HANDLER
    progress = position + 1;
    MAY_DIE(dead);
#endif
    atomic {
      if
      :: position == handled -> handled++
      :: else ->
        assert(position + 1 == handled);
        repeats++;
        assert(repeats <= deaths)
      fi
    };
    MAY_DIE(dead);
    position++;
    progress = position;
    MAY_DIE(dead);
    head = position;
    /* Whoever waits for room is rung when the lane is at most half full. */
    if
    :: (tail - head) * 2 <= CAPACITY && roomWanted -> ring(bellOfProducer, producerSleeps, dead)
    :: else
    fi
  :: position == tail ->
    bellOfConsumer = true;
    MAY_DIE(dead);
#ifndef BUG_CONSUMER_LOOKS_ONCE
    if
    :: position < tail -> bellOfConsumer = false
    :: else ->
#else
    if
    :: skip ->
#endif
end_idle:
      await(bellOfConsumer, consumerSleeps)
    fi
  od;
dead:
  consumerGone = true
}

/* Starts successors, each after the exit of its predecessor. What a thread slept in, it sleeps in no more. */
active proctype Supervisor() {
  run Consumer();
  run Producer();
end_watch:
  do
  :: consumerGone -> atomic { consumerGone = false; consumerSleeps = false; run Consumer() }
  :: producerGone -> atomic { producerGone = false; producerSleeps = false; run Producer() }
  od
}

ltl everything_is_handled { <> (handled == EVENTS) }
