"""The pages of the front desk, a module each: what they show, and what happens when somebody sends one."""
