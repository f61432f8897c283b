;; The arithmetic of the engine in the browser: products of a few rows with a matrix, and the cell of an LSTM.
;;
;; All numbers are 32-bit floats. A matrix of n rows and m columns lies in memory in panels of 8 columns: for each panel
;; its n rows of 8 numbers, one after another, so that a product reads the weights in the order in which they lie.
;; `python -m benchmarks.web.kernel` makes kernel.wasm of this file; a test compares the two.
(module
  (memory (export "memory") 1)

  ;; 1 row by 8 columns, 4 inputs at a time.
  (func $tile1 (param $x i32) (param $n i32) (param $w i32) (param $out i32)
    (local $end i32) (local $v v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $a4 v128) (local $a5 v128) (local $a6 v128) (local $a7 v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (loop $next
      (local.set $v (v128.load32_splat (local.get $x)))
      (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat offset=4 (local.get $x)))
      (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (v128.load offset=32 (local.get $w)))))
      (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (v128.load offset=48 (local.get $w)))))
      (local.set $v (v128.load32_splat offset=8 (local.get $x)))
      (local.set $a4 (f32x4.add (local.get $a4) (f32x4.mul (local.get $v) (v128.load offset=64 (local.get $w)))))
      (local.set $a5 (f32x4.add (local.get $a5) (f32x4.mul (local.get $v) (v128.load offset=80 (local.get $w)))))
      (local.set $v (v128.load32_splat offset=12 (local.get $x)))
      (local.set $a6 (f32x4.add (local.get $a6) (f32x4.mul (local.get $v) (v128.load offset=96 (local.get $w)))))
      (local.set $a7 (f32x4.add (local.get $a7) (f32x4.mul (local.get $v) (v128.load offset=112 (local.get $w)))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $w (i32.add (local.get $w) (i32.const 128)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end))))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (f32x4.add (f32x4.add (local.get $a0) (local.get $a2)) (f32x4.add (local.get $a4) (local.get $a6)))))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (f32x4.add (f32x4.add (local.get $a1) (local.get $a3)) (f32x4.add (local.get $a5) (local.get $a7))))))

  ;; 2 rows by 8 columns, 2 inputs at a time.
  (func $tile2 (param $x i32) (param $n i32) (param $w i32) (param $out i32) (param $stride i32)
    (local $end i32) (local $v v128)
    (local $x1 i32)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $a4 v128) (local $a5 v128) (local $a6 v128) (local $a7 v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $x1 (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (loop $next
      (local.set $v (v128.load32_splat (local.get $x)))
      (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat (local.get $x1)))
      (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat offset=4 (local.get $x)))
      (local.set $a4 (f32x4.add (local.get $a4) (f32x4.mul (local.get $v) (v128.load offset=32 (local.get $w)))))
      (local.set $a5 (f32x4.add (local.get $a5) (f32x4.mul (local.get $v) (v128.load offset=48 (local.get $w)))))
      (local.set $v (v128.load32_splat offset=4 (local.get $x1)))
      (local.set $a6 (f32x4.add (local.get $a6) (f32x4.mul (local.get $v) (v128.load offset=32 (local.get $w)))))
      (local.set $a7 (f32x4.add (local.get $a7) (f32x4.mul (local.get $v) (v128.load offset=48 (local.get $w)))))
      (local.set $x (i32.add (local.get $x) (i32.const 8)))
      (local.set $x1 (i32.add (local.get $x1) (i32.const 8)))
      (local.set $w (i32.add (local.get $w) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end))))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (f32x4.add (local.get $a0) (local.get $a4))))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (f32x4.add (local.get $a1) (local.get $a5))))
    (local.set $out (i32.add (local.get $out) (local.get $stride)))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (f32x4.add (local.get $a2) (local.get $a6))))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (f32x4.add (local.get $a3) (local.get $a7)))))

  ;; 4 rows by 8 columns, 1 input at a time.
  (func $tile4 (param $x i32) (param $n i32) (param $w i32) (param $out i32) (param $stride i32)
    (local $end i32) (local $v v128)
    (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $a4 v128) (local $a5 v128) (local $a6 v128) (local $a7 v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $x1 (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $x2 (i32.add (local.get $x1) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $x3 (i32.add (local.get $x2) (i32.shl (local.get $n) (i32.const 2))))
    (loop $next
      (local.set $v (v128.load32_splat (local.get $x)))
      (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat (local.get $x1)))
      (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat (local.get $x2)))
      (local.set $a4 (f32x4.add (local.get $a4) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a5 (f32x4.add (local.get $a5) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $v (v128.load32_splat (local.get $x3)))
      (local.set $a6 (f32x4.add (local.get $a6) (f32x4.mul (local.get $v) (v128.load (local.get $w)))))
      (local.set $a7 (f32x4.add (local.get $a7) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $w)))))
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (local.set $x1 (i32.add (local.get $x1) (i32.const 4)))
      (local.set $x2 (i32.add (local.get $x2) (i32.const 4)))
      (local.set $x3 (i32.add (local.get $x3) (i32.const 4)))
      (local.set $w (i32.add (local.get $w) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end))))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (local.get $a0)))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (local.get $a1)))
    (local.set $out (i32.add (local.get $out) (local.get $stride)))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (local.get $a2)))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (local.get $a3)))
    (local.set $out (i32.add (local.get $out) (local.get $stride)))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (local.get $a4)))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (local.get $a5)))
    (local.set $out (i32.add (local.get $out) (local.get $stride)))
    (v128.store (local.get $out) (f32x4.add (v128.load (local.get $out)) (local.get $a6)))
    (v128.store offset=16 (local.get $out) (f32x4.add (v128.load offset=16 (local.get $out)) (local.get $a7))))

  ;; Add to `out`, (rows, m), the product of `x`, (rows, n), with a matrix; n is a multiple of 4 and m of 8.
  (func (export "matmul") (param $x i32) (param $rows i32) (param $n i32) (param $w i32) (param $m i32) (param $out i32)
    (local $column i32) (local $row i32) (local $from i32) (local $to i32) (local $wide i32) (local $stride i32)
    (local.set $wide (i32.shl (local.get $n) (i32.const 2)))
    (local.set $stride (i32.shl (local.get $m) (i32.const 2)))
    (loop $panels
      (local.set $row (i32.const 0))
      (local.set $from (local.get $x))
      (local.set $to (i32.add (local.get $out) (i32.shl (local.get $column) (i32.const 2))))
      (block $done
        (loop $rows_left
          (if (i32.le_u (i32.add (local.get $row) (i32.const 4)) (local.get $rows))
            (then
              (call $tile4 (local.get $from) (local.get $n) (local.get $w) (local.get $to) (local.get $stride))
              (local.set $row (i32.add (local.get $row) (i32.const 4)))
              (local.set $from (i32.add (local.get $from) (i32.shl (local.get $wide) (i32.const 2))))
              (local.set $to (i32.add (local.get $to) (i32.shl (local.get $stride) (i32.const 2))))
              (br $rows_left)))
          (if (i32.le_u (i32.add (local.get $row) (i32.const 2)) (local.get $rows))
            (then
              (call $tile2 (local.get $from) (local.get $n) (local.get $w) (local.get $to) (local.get $stride))
              (local.set $row (i32.add (local.get $row) (i32.const 2)))
              (local.set $from (i32.add (local.get $from) (i32.shl (local.get $wide) (i32.const 1))))
              (local.set $to (i32.add (local.get $to) (i32.shl (local.get $stride) (i32.const 1))))))
          (br_if $done (i32.eq (local.get $row) (local.get $rows)))
          (call $tile1 (local.get $from) (local.get $n) (local.get $w) (local.get $to))))
      (local.set $w (i32.add (local.get $w) (i32.shl (local.get $wide) (i32.const 3))))
      (local.set $column (i32.add (local.get $column) (i32.const 8)))
      (br_if $panels (i32.lt_u (local.get $column) (local.get $m)))))

  ;; Add n numbers to others; n is a multiple of 4.
  (func (export "add") (param $to i32) (param $from i32) (param $n i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $n) (i32.const 2))))
    (loop $next
      (v128.store (local.get $to) (f32x4.add (v128.load (local.get $to)) (v128.load (local.get $from))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $to) (local.get $end)))))

  ;; e to the x for x from -87 to 0: 2 to the whole part of x / ln 2, times the series of e to the remainder.
  (func $exp (param $x v128) (result v128)
    (local $whole v128) (local $e v128)
    (local.set $whole (f32x4.nearest (f32x4.mul (local.get $x) (v128.const f32x4 1.4426950408889634 1.4426950408889634 1.4426950408889634 1.4426950408889634))))
    (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $whole) (v128.const f32x4 0.693145751953125 0.693145751953125 0.693145751953125 0.693145751953125))))
    (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $whole) (v128.const f32x4 1.4286068203e-6 1.4286068203e-6 1.4286068203e-6 1.4286068203e-6))))
    (local.set $e (v128.const f32x4 0.0001984126984 0.0001984126984 0.0001984126984 0.0001984126984)) ;; 1 / 7!
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 0.001388888889 0.001388888889 0.001388888889 0.001388888889)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 0.008333333333 0.008333333333 0.008333333333 0.008333333333)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 0.04166666667 0.04166666667 0.04166666667 0.04166666667)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 0.1666666667 0.1666666667 0.1666666667 0.1666666667)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 0.5 0.5 0.5 0.5)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 1 1 1 1)))
    (local.set $e (f32x4.add (f32x4.mul (local.get $e) (local.get $x)) (v128.const f32x4 1 1 1 1)))
    (f32x4.mul (local.get $e)
      (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $whole)) (v128.const i32x4 127 127 127 127)) (i32.const 23))))

  ;; (1 - e^(-2 |x|)) / (1 + e^(-2 |x|)), with the sign of x.
  (func $tanh (param $x v128) (result v128)
    (local $e v128) (local $sign v128)
    (local.set $sign (v128.and (local.get $x) (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000)))
    (local.set $e (call $exp (f32x4.max
      (f32x4.mul (f32x4.abs (local.get $x)) (v128.const f32x4 -2 -2 -2 -2)) (v128.const f32x4 -40 -40 -40 -40))))
    (v128.or (local.get $sign) (f32x4.div
      (f32x4.sub (v128.const f32x4 1 1 1 1) (local.get $e)) (f32x4.add (v128.const f32x4 1 1 1 1) (local.get $e)))))

  ;; 1 / (1 + e^-x), as tanh(x / 2) / 2 + 1 / 2.
  (func $sigmoid (param $x v128) (result v128)
    (f32x4.add (v128.const f32x4 0.5 0.5 0.5 0.5) (f32x4.mul (v128.const f32x4 0.5 0.5 0.5 0.5)
      (call $tanh (f32x4.mul (local.get $x) (v128.const f32x4 0.5 0.5 0.5 0.5))))))

  ;; Update one row of `cell` and `hidden`, (size,), by its gates, (4 size,): input, forget, cell, output.
  (func (export "cell") (param $gates i32) (param $cell i32) (param $hidden i32) (param $size i32)
    (local $end i32) (local $wide i32) (local $new v128)
    (local.set $wide (i32.shl (local.get $size) (i32.const 2)))
    (local.set $end (i32.add (local.get $cell) (local.get $wide)))
    (loop $next
      (local.set $new (f32x4.add
        (f32x4.mul
          (call $sigmoid (v128.load (i32.add (local.get $gates) (local.get $wide))))
          (v128.load (local.get $cell)))
        (f32x4.mul
          (call $sigmoid (v128.load (local.get $gates)))
          (call $tanh (v128.load (i32.add (local.get $gates) (i32.shl (local.get $wide) (i32.const 1))))))))
      (v128.store (local.get $cell) (local.get $new))
      (v128.store (local.get $hidden) (f32x4.mul
        (call $sigmoid (v128.load (i32.add (local.get $gates) (i32.mul (local.get $wide) (i32.const 3)))))
        (call $tanh (local.get $new))))
      (local.set $gates (i32.add (local.get $gates) (i32.const 16)))
      (local.set $cell (i32.add (local.get $cell) (i32.const 16)))
      (local.set $hidden (i32.add (local.get $hidden) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $cell) (local.get $end))))))
