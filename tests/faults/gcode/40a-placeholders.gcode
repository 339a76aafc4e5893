G28
M104 S[first_layer_temperature]
G90
M82
;LAYER:0
G1 Z0.2 F{speed_z_hop}
G1 X10 E1 F{speed_print}
g1 x20 e2 f1200
;LAYER:1
G1 Z0.4
G1 X10 E4
M84
