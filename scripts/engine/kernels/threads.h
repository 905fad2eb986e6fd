// Work on rows of numbers, split among the processor's threads: the same way each time, so that sums come to the same to the last bit.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mm1 {

/** Threads that wait for parts of work; whoever has work does a part of it itself. */
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i < threads; ++i) std::thread([this] { Serve(); }).detach();
    threads_ = threads;
  }

  int threads() const { return threads_; }

  /** Runs part(0) to part(count - 1). */
  void Run(int count, const std::function<void(int)> &part) {
    int left = count - 1;
    std::mutex mutex;
    std::condition_variable done;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (int i = 1; i < count; ++i)
        queue_.push_back([&, i] {
          part(i);
          // Told under the lock: the waiting thread's variables end with it.
          std::lock_guard<std::mutex> finished(mutex);
          if (--left == 0) done.notify_one();
        });
    }
    ready_.notify_all();
    part(0);
    // Parts that nobody has begun, of whoever waits for them, are done here.
    while (std::function<void()> job = Take()) job();
    std::unique_lock<std::mutex> lock(mutex);
    done.wait(lock, [&] { return left == 0; });
  }

 private:
  std::function<void()> Take() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty()) return nullptr;
    std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    return job;
  }

  void Serve() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        ready_.wait(lock, [this] { return !queue_.empty(); });
        job = std::move(queue_.front());
        queue_.pop_front();
      }
      job();
    }
  }

  int threads_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
};

/** Never destroyed: threads may wait in it while the process ends. */
inline Pool &pool() {
  static Pool *made = new Pool(std::max(1u, std::thread::hardware_concurrency()));
  return *made;
}

/** Numbers below which a second thread costs more than it gives. */
constexpr int64_t kWorthwhile = 1 << 15;

/** Splits rows among threads: part(number, first, end). */
inline void Split(int64_t rows, int64_t width, const std::function<void(int, int64_t, int64_t)> &part) {
  const int count = rows * width < kWorthwhile ? 1 : static_cast<int>(std::min<int64_t>(pool().threads(), rows));
  const auto range = [&](int i) { part(i, rows * i / count, rows * (i + 1) / count); };
  if (count == 1) range(0);
  else pool().Run(count, range);
}

/** Sums over rows, a thread's part each: blocks of rows are summed first, so that no small number is added to a large sum. */
class RowSums {
 public:
  explicit RowSums(int64_t width) : width_(width), parts_(pool().threads()) {}

  /** Goes through a part's rows block by block. @param block block(first, end, sums), which adds to sums */
  void Add(int part, int64_t first, int64_t end, const std::function<void(int64_t, int64_t, float *)> &block) {
    std::vector<double> &sums = parts_[part];
    sums.assign(width_, 0);
    std::vector<float> few(width_);
    for (int64_t row = first; row < end; row += kRows) {
      std::fill(few.begin(), few.end(), 0.0f);
      block(row, std::min(end, row + kRows), few.data());
      for (int64_t i = 0; i < width_; ++i) sums[i] += few[i];
    }
  }

  /** All parts' sums, added in order. */
  void Write(float *out, int64_t offset, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      double sum = 0;
      for (const std::vector<double> &part : parts_)
        if (!part.empty()) sum += part[offset + i];
      out[i] = static_cast<float>(sum);
    }
  }

 private:
  static constexpr int64_t kRows = 64;
  int64_t width_;
  std::vector<std::vector<double>> parts_;
};

}  // namespace mm1
